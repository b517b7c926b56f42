//! Sound: 8,000 samples a second of 16 bits, as files and as G.711 on the wire.

use std::fmt;
use std::sync::Arc;

use super::sdp::Law;

/// Sound that is said to somebody, or was recorded: one channel, 8,000 samples a second. Cheap to clone; `Debug` shows only
/// how long it is.
///
/// ```
/// use bereik_phone::Clip;
/// let second = Clip::from_samples(vec![0; 8_000])?;
/// assert_eq!(format!("{second:?}"), "Clip(1.0 s)");
/// let again = Clip::from_wav(&second.to_wav())?;
/// assert_eq!(again.samples().len(), 8_000);
/// assert!(Clip::from_wav(b"RIFF").is_err());
/// # Ok::<(), bereik_phone::ClipError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Clip(Arc<[i16]>);

/// Bytes are no [`Clip`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a clip is a WAV file of 16 bit PCM with one channel of 8000 Hz, up to {} minutes long",
    Clip::MINUTES_MAX
)]
pub struct ClipError;

/// Samples in a second.
pub(super) const RATE: usize = 8_000;

impl Clip {
    /// The longest clip, in minutes.
    pub const MINUTES_MAX: usize = 10;

    /// Sound by its samples.
    ///
    /// # Errors
    /// When it is longer than [`Clip::MINUTES_MAX`].
    pub fn from_samples(samples: impl Into<Arc<[i16]>>) -> Result<Self, ClipError> {
        let samples = samples.into();
        if samples.len() > Self::MINUTES_MAX * 60 * RATE {
            return Err(ClipError);
        }
        Ok(Self(samples))
    }

    /// Sound by a WAV file of 16 bit PCM, one channel, 8,000 Hz.
    ///
    /// # Errors
    /// When it is another sort of file or longer than [`Clip::MINUTES_MAX`].
    pub fn from_wav(bytes: &[u8]) -> Result<Self, ClipError> {
        let data = read_wav(bytes).ok_or(ClipError)?;
        let samples = data
            .chunks_exact(2)
            .map(|two| i16::from_le_bytes([two[0], two[1]]));
        Self::from_samples(samples.collect::<Vec<_>>())
    }

    /// The sound as a WAV file: `audio/wav`.
    #[must_use]
    pub fn to_wav(&self) -> Vec<u8> {
        let size = u32::try_from(self.0.len() * 2).unwrap_or(u32::MAX);
        let mut file = Vec::with_capacity(44 + self.0.len() * 2);
        file.extend(b"RIFF");
        file.extend((36 + size).to_le_bytes());
        file.extend(b"WAVEfmt ");
        file.extend(16_u32.to_le_bytes());
        file.extend(
            [FORMAT_PCM, 1]
                .iter()
                .flat_map(|word: &u16| word.to_le_bytes()),
        );
        file.extend(
            [RATE_HZ, RATE_HZ * 2]
                .iter()
                .flat_map(|word| word.to_le_bytes()),
        );
        file.extend([2_u16, 16].iter().flat_map(|word| word.to_le_bytes()));
        file.extend(b"data");
        file.extend(size.to_le_bytes());
        file.extend(self.0.iter().flat_map(|sample| sample.to_le_bytes()));
        file
    }

    /// The samples, 8,000 a second.
    #[must_use]
    pub fn samples(&self) -> &[i16] {
        &self.0
    }
}

impl fmt::Debug for Clip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0.len() * 10 / RATE;
        write!(f, "Clip({}.{} s)", tenths / 10, tenths % 10)
    }
}

const FORMAT_PCM: u16 = 1;
const RATE_HZ: u32 = 8_000;

/// The samples of a file that is as ours; chunks that are not known are passed over.
fn read_wav(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes
        .strip_prefix(b"RIFF")?
        .get(4..)?
        .strip_prefix(b"WAVE")?;
    let mut is_ours = false;
    loop {
        let (name, size) = (rest.get(..4)?, rest.get(4..8)?);
        let size = u32::from_le_bytes(size.try_into().ok()?) as usize;
        rest = &rest[8..];
        match name {
            b"data" if is_ours => return Some(&rest[..size.min(rest.len())]),
            b"fmt " => {
                let word =
                    |at: usize| Some(u16::from_le_bytes([*rest.get(at)?, *rest.get(at + 1)?]));
                let rate = (word(4)?, word(6)?);
                is_ours =
                    [word(0)?, word(2)?, word(14)?] == [FORMAT_PCM, 1, 16] && rate == (8_000, 0);
            }
            _ => {}
        }
        // Chunks begin at even places.
        rest = rest.get(size.checked_add(size % 2)?..)?;
    }
}

impl Law {
    /// One sample as it goes on the wire (ITU-T G.711).
    pub(super) fn encode(self, sample: i16) -> u8 {
        match self {
            Self::A => encode_a(sample),
            Self::Mu => encode_mu(sample),
        }
    }

    pub(super) fn decode(self, byte: u8) -> i16 {
        match self {
            Self::A => decode_a(byte),
            Self::Mu => decode_mu(byte),
        }
    }
}

const MU_BIAS: u16 = 0x84;

fn encode_mu(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let size = sample.unsigned_abs().min(0x7FFF - MU_BIAS) + MU_BIAS;
    let segment = 8 - size.leading_zeros();
    let step = ((size >> (segment + 3)) & 0xF) as u8;
    !(sign | (segment as u8) << 4 | step)
}

fn decode_mu(byte: u8) -> i16 {
    let byte = !byte;
    let size = (((u16::from(byte) & 0xF) << 3) + MU_BIAS) << ((byte & 0x70) >> 4);
    signed(size - MU_BIAS, byte & 0x80 != 0)
}

fn encode_a(sample: i16) -> u8 {
    let positive = if sample < 0 { 0 } else { 0x80 };
    let mut size = if sample < 0 { !sample } else { sample } >> 4;
    let mut segment = 0_u8;
    if size > 0xF {
        segment = 1;
        while size > 0x1F {
            size >>= 1;
            segment += 1;
        }
        size -= 0x10;
    }
    (positive | segment << 4 | size as u8) ^ 0x55
}

fn decode_a(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let segment = (byte & 0x70) >> 4;
    let step = u16::from(byte & 0xF);
    let size = match segment {
        0 => (step << 4) + 8,
        _ => ((step + 0x10) << 4 | 8) << (segment - 1),
    };
    signed(size, byte & 0x80 == 0)
}

fn signed(size: u16, is_negative: bool) -> i16 {
    let size = i16::try_from(size).unwrap_or(i16::MAX);
    if is_negative { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::Law;

    #[test]
    fn what_goes_over_the_wire_comes_back_near_to_what_it_was() {
        for law in [Law::A, Law::Mu] {
            for sample in i16::MIN..=i16::MAX {
                let heard = law.decode(law.encode(sample));
                let (off, size) = (
                    i32::from(heard) - i32::from(sample),
                    i32::from(sample).abs(),
                );
                assert!(off.abs() <= size / 16 + 16 + 8, "{law:?} {sample} {heard}");
            }
        }
    }

    #[test]
    fn the_codes_are_those_of_the_recommendation() {
        // Silence and the two ends, as every other coder writes them.
        assert_eq!(
            [0, 32_767, -32_768].map(|sample| Law::Mu.encode(sample)),
            [0xFF, 0x80, 0x00]
        );
        assert_eq!(
            [0, 32_767, -32_768].map(|sample| Law::A.encode(sample)),
            [0xD5, 0xAA, 0x2A]
        );
        for byte in 0..=u8::MAX {
            assert_eq!(Law::A.encode(Law::A.decode(byte)), byte);
            // Of the two zeros one is kept.
            let again = Law::Mu.encode(Law::Mu.decode(byte));
            assert!(again == byte || (byte, again) == (0x7F, 0xFF));
        }
    }
}
