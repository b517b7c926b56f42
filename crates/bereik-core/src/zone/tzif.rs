//! The TZif file format (RFC 9636): bytes to transitions and a rule.

use super::posix::{self, PosixRule};
use super::{OFFSET_MAX, OFFSET_MIN};

/// The content of a TZif file that a zone needs.
pub(super) struct Tzif {
    pub(super) first_offset: i32,
    pub(super) transitions: Vec<(i64, i32)>,
    pub(super) rule: Option<PosixRule>,
}

/// The six counts of a header (RFC 9636 section 3.1).
struct Header {
    version: u8,
    isutcnt: usize,
    isstdcnt: usize,
    leapcnt: usize,
    timecnt: usize,
    typecnt: usize,
    charcnt: usize,
}

impl Header {
    /// The length in bytes of the block that follows, with `time_size` bytes for an instant.
    fn block_len(&self, time_size: usize) -> Option<usize> {
        let times = self.timecnt.checked_mul(time_size + 1)?;
        let types = self.typecnt.checked_mul(6)?;
        let leaps = self.leapcnt.checked_mul(time_size + 4)?;
        [
            times,
            types,
            leaps,
            self.charcnt,
            self.isstdcnt,
            self.isutcnt,
        ]
        .into_iter()
        .try_fold(0_usize, usize::checked_add)
    }
}

/// Reads a file, or `None` where it is not one, is cut off or counts leap seconds.
pub(super) fn read(bytes: &[u8]) -> Option<Tzif> {
    let (header, rest) = header(bytes)?;
    if header.version == 0 {
        let (first_offset, transitions, _) = block(&header, rest, 4)?;
        return Some(Tzif {
            first_offset,
            transitions,
            rule: None,
        });
    }
    let rest = rest.get(header.block_len(4)?..)?;
    let (header, rest) = self::header(rest)?;
    let (first_offset, transitions, rest) = block(&header, rest, 8)?;
    Some(Tzif {
        first_offset,
        transitions,
        rule: footer(rest)?,
    })
}

fn header(bytes: &[u8]) -> Option<(Header, &[u8])> {
    let (head, rest) = bytes.split_at_checked(44)?;
    let head = head.strip_prefix(b"TZif")?;
    let count = |index: usize| -> Option<usize> {
        let start = 16 + index * 4;
        let bytes = head.get(start..start + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    let header = Header {
        version: *head.first()?,
        isutcnt: count(0)?,
        isstdcnt: count(1)?,
        leapcnt: count(2)?,
        timecnt: count(3)?,
        typecnt: count(4)?,
        charcnt: count(5)?,
    };
    (header.leapcnt == 0 && header.typecnt > 0).then_some((header, rest))
}

/// The first offset, the transitions and what follows the block.
type Block<'a> = (i32, Vec<(i64, i32)>, &'a [u8]);

fn block<'a>(header: &Header, bytes: &'a [u8], time_size: usize) -> Option<Block<'a>> {
    let (block, rest) = bytes.split_at_checked(header.block_len(time_size)?)?;
    let (times, block) = block.split_at_checked(header.timecnt * time_size)?;
    let (indices, block) = block.split_at_checked(header.timecnt)?;
    let (types, _) = block.split_at_checked(header.typecnt * 6)?;
    let offset = |index: usize| -> Option<i32> {
        let bytes = types.get(index * 6..index * 6 + 4)?.try_into().ok()?;
        let offset = i32::from_be_bytes(bytes);
        (OFFSET_MIN..=OFFSET_MAX)
            .contains(&offset)
            .then_some(offset)
    };
    let mut transitions = Vec::with_capacity(header.timecnt);
    for (time, index) in times.chunks_exact(time_size).zip(indices) {
        transitions.push((instant(time)?, offset(usize::from(*index))?));
    }
    Some((offset(0)?, transitions, rest))
}

fn instant(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        4 => Some(i32::from_be_bytes(bytes.try_into().ok()?).into()),
        _ => {
            // RFC 9636 section 3.2 keeps writers above -2^59; the margin keeps sums from overflowing.
            let instant = i64::from_be_bytes(bytes.try_into().ok()?);
            (-(1 << 60)..1 << 60).contains(&instant).then_some(instant)
        }
    }
}

/// The rule of the footer: outer `None` is malformed, inner `None` is an empty footer.
fn footer(bytes: &[u8]) -> Option<Option<PosixRule>> {
    let text = bytes.strip_prefix(b"\n")?;
    let end = text.iter().position(|byte| *byte == b'\n')?;
    match text.get(..end)? {
        [] => Some(None),
        text => posix::read(text).map(Some),
    }
}
