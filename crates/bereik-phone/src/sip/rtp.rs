//! Sound and keys on the wire: RTP (RFC 3550) with G.711 (RFC 3551) and telephone events (RFC 4733).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rsipstack::transaction::random_text;
use tokio::net::UdpSocket;
use tokio::time::sleep;

use super::clip::Clip;
use super::sdp::{Far, KEYS_PAYLOAD, Law};

/// What is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sound {
    /// A key, once.
    Key(char),
    /// Samples, and where they stand in the time of the other side.
    Samples { stamp: u32, samples: Vec<i16> },
}

/// Samples in one packet: 20 ms.
pub(super) const FRAME: usize = 160;
/// The longest packet that is read: 100 ms and its header fit many times.
const PACKET_BYTES_MAX: usize = 2_048;

/// Both ends of one call's sound.
pub(super) struct Rtp {
    pub(super) ears: Ears,
    pub(super) mouth: Mouth,
    /// Where we hear.
    pub(super) at: SocketAddr,
}

impl Rtp {
    /// Opens a port, which others reach at this address.
    pub(super) async fn open(bound: IpAddr, seen_as: IpAddr) -> std::io::Result<Self> {
        let socket = Arc::new(UdpSocket::bind((bound, 0)).await?);
        let at = SocketAddr::new(seen_as, socket.local_addr()?.port());
        let random = random_text(6);
        let number = random.bytes().fold(7_u32, |number, byte| {
            number.wrapping_mul(62).wrapping_add(u32::from(byte))
        });
        let mouth = Mouth {
            socket: Arc::clone(&socket),
            far: None,
            sequence: number as u16,
            stamp: number,
            source: number.rotate_left(16),
        };
        let ears = Ears {
            socket,
            far: None,
            last_key: None,
            packet: vec![0; PACKET_BYTES_MAX].into(),
        };
        Ok(Self { ears, mouth, at })
    }

    /// Both sides know each other from here on.
    pub(super) fn meet(&mut self, far: Far) {
        self.ears.far = Some(far);
        self.mouth.far = Some(far);
    }

    pub(super) const fn far(&self) -> Option<Far> {
        self.ears.far
    }

    /// A number for the session, as a description needs one.
    pub(super) const fn session(&self) -> u32 {
        self.mouth.source
    }
}

/// Hears the other side.
pub(super) struct Ears {
    socket: Arc<UdpSocket>,
    far: Option<Far>,
    /// The time of the last key: its packets come many times.
    last_key: Option<u32>,
    packet: Box<[u8]>,
}

impl Ears {
    /// Waits for what is heard. It may be dropped at any time: nothing is lost but a packet.
    pub(super) async fn hear(&mut self) -> Sound {
        loop {
            let Ok((size, from)) = self.socket.recv_from(&mut self.packet).await else {
                // An error of an earlier packet; it must not keep the thread busy.
                sleep(Duration::from_millis(10)).await;
                continue;
            };
            let Some(far) = self
                .far
                .filter(|far| far.addr.ip() == from.ip().to_canonical())
            else {
                continue;
            };
            let packet = read_packet(&self.packet[..size]);
            let Some((payload, stamp, body)) = packet else {
                continue;
            };
            if payload == far.keys.unwrap_or(KEYS_PAYLOAD) {
                let key = key_of(body).filter(|_| self.last_key != Some(stamp));
                if let Some(key) = key {
                    self.last_key = Some(stamp);
                    return Sound::Key(key);
                }
            } else if let Some(law) = Law::of_payload(payload) {
                let samples = body.iter().map(|byte| law.decode(*byte)).collect();
                return Sound::Samples { stamp, samples };
            }
        }
    }
}

/// The payload type, the time and the payload of a packet (RFC 3550, 5.1).
fn read_packet(packet: &[u8]) -> Option<(u8, u32, &[u8])> {
    let (header, mut body) = packet.split_at_checked(12)?;
    let (flags, payload) = (header[0], header[1] & 0x7F);
    let stamp = u32::from_be_bytes(header[4..8].try_into().ok()?);
    if flags >> 6 != 2 {
        return None;
    }
    body = body.get(usize::from(flags & 0xF) * 4..)?;
    if flags & 0x10 != 0 {
        let words = u16::from_be_bytes(body.get(2..4)?.try_into().ok()?);
        body = body.get(4 + usize::from(words) * 4..)?;
    }
    if flags & 0x20 != 0 {
        let padding = usize::from(*body.last()?);
        body = body.get(..body.len().checked_sub(padding)?)?;
    }
    Some((payload, stamp, body))
}

/// The key of an event (RFC 4733, 2.3 and 3.2).
fn key_of(body: &[u8]) -> Option<char> {
    const KEYS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D',
    ];
    let event = body.get(..4)?[0];
    KEYS.get(usize::from(event)).copied()
}

/// Speaks to the other side.
pub(super) struct Mouth {
    socket: Arc<UdpSocket>,
    far: Option<Far>,
    sequence: u16,
    stamp: u32,
    source: u32,
}

impl Mouth {
    /// Says samples; the caller sees to the pace. What cannot be sent is not heard.
    pub(super) fn say(&mut self, samples: &[i16]) {
        let Some(far) = self.far else {
            return;
        };
        let mut packet = vec![0x80, far.law.payload()];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.stamp.to_be_bytes());
        packet.extend(self.source.to_be_bytes());
        packet.extend(samples.iter().map(|sample| far.law.encode(*sample)));
        // Sound that does not go out now is too late.
        let _ = self.socket.try_send_to(&packet, far.addr);
        self.sequence = self.sequence.wrapping_add(1);
        let count = u32::try_from(samples.len()).unwrap_or_default();
        self.stamp = self.stamp.wrapping_add(count);
    }
}

/// What is left to say, frame by frame.
#[derive(Default)]
pub(super) struct Words {
    clips: Vec<Clip>,
    at: usize,
}

impl Words {
    pub(super) fn new(mut clips: Vec<Clip>) -> Self {
        clips.reverse();
        Self { clips, at: 0 }
    }

    /// The next frame, or part of one; none at the end.
    pub(super) fn next(&mut self) -> Option<&[i16]> {
        while self.clips.last()?.samples().len() <= self.at {
            self.clips.pop();
            self.at = 0;
        }
        let samples = self.clips.last()?.samples();
        let frame = self.at..(self.at + FRAME).min(samples.len());
        self.at = frame.end;
        samples.get(frame)
    }
}

/// What somebody said, put in order by its time.
pub(super) struct Recording {
    samples: Vec<i16>,
    began: Option<u32>,
    samples_max: usize,
}

impl Recording {
    pub(super) const fn new(samples_max: usize) -> Self {
        Self {
            samples: Vec::new(),
            began: None,
            samples_max,
        }
    }

    /// Puts samples where they belong; what came before the first, or too late to fit, is left out.
    pub(super) fn add(&mut self, stamp: u32, samples: &[i16]) {
        let began = *self.began.get_or_insert(stamp);
        let at = stamp.wrapping_sub(began) as usize;
        let end = at.saturating_add(samples.len());
        if end > self.samples_max {
            return;
        }
        if end > self.samples.len() {
            self.samples.resize(end, 0);
        }
        self.samples[at..end].copy_from_slice(samples);
    }

    pub(super) fn finish(self) -> Option<Clip> {
        Clip::from_samples(self.samples)
            .ok()
            .filter(|clip| !clip.samples().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::{Recording, Words, key_of, read_packet};
    use crate::Clip;

    #[test]
    fn a_packet_with_all_that_it_may_have_is_read() {
        let mut packet = vec![0xB1, 0x80 | 101, 0, 1, 0, 0, 0, 9, 0, 0, 0, 2];
        packet.extend([0, 0, 0, 3]);
        packet.extend([0xBE, 0xDE, 0, 1, 1, 2, 3, 4]);
        packet.extend([11, 0x8A, 0, 160, 0, 2]);
        let (payload, stamp, body) = read_packet(&packet).expect("a packet");
        assert_eq!((payload, stamp), (101, 9));
        assert_eq!((body, key_of(body)), (&[11, 0x8A, 0, 160][..], Some('#')));
        for size in 0..packet.len() {
            // Cut anywhere it is none, or a shorter one.
            let _ = read_packet(&packet[..size]);
        }
        assert!(read_packet(&packet[..20]).is_none());
        assert!(read_packet(&[0x40; 40]).is_none());
    }

    #[test]
    fn a_recording_is_in_the_order_of_its_time_and_bounded() {
        let mut recording = Recording::new(8);
        recording.add(u32::MAX - 1, &[1, 2]);
        recording.add(4, &[5, 6]);
        recording.add(0, &[3, 4]);
        recording.add(u32::MAX - 9, &[9]);
        recording.add(6, &[7, 8]);
        let clip = recording.finish().expect("sound");
        assert_eq!(clip.samples(), [1, 2, 3, 4, 0, 0, 5, 6]);
        assert!(Recording::new(8).finish().is_none());
    }

    #[test]
    fn words_are_said_one_after_the_other() {
        let clip = |count: i16| Clip::from_samples((0..count).collect::<Vec<_>>()).expect("short");
        let mut words = Words::new(vec![clip(170), clip(0), clip(1)]);
        let mut sizes = Vec::new();
        while let Some(frame) = words.next() {
            sizes.push(frame.len());
        }
        assert_eq!(sizes, [160, 10, 1]);
    }
}
