//! A body as it comes in: unpacked, and never longer than the limit.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use crate::http::error::{HttpError, HttpErrorKind};

/// How a body is packed (RFC 9110 8.4).
pub(crate) enum Unpacking {
    Gzip(Box<MultiGzDecoder<Capped>>),
    None(Capped),
}

/// Bytes that stop growing at a limit.
pub(crate) struct Capped {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl Write for Capped {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if piece.len() > self.bytes_max - self.bytes.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Unpacking {
    /// For this `Content-Encoding`.
    pub(crate) fn of(encoding: Option<&str>, bytes_max: usize) -> Result<Self, HttpError> {
        let bytes = Vec::new();
        let capped = Capped { bytes, bytes_max };
        let encoding = encoding.unwrap_or_default().trim();
        match encoding.to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::None(capped)),
            "gzip" | "x-gzip" => Ok(Self::Gzip(Box::new(MultiGzDecoder::new(capped)))),
            // Nobody asked for another one.
            _ => Err(HttpErrorKind::Broken.into()),
        }
    }

    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), HttpError> {
        let pushed = match self {
            Self::Gzip(decoder) => decoder.write_all(piece),
            Self::None(capped) => capped.write_all(piece),
        };
        pushed.map_err(HttpError::of_reading)
    }

    /// The whole body.
    pub(crate) fn finish(self) -> Result<Vec<u8>, HttpError> {
        let finished = match self {
            Self::Gzip(decoder) => decoder.finish().map_err(HttpError::of_reading)?,
            Self::None(capped) => capped,
        };
        Ok(finished.bytes)
    }
}
