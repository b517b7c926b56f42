//! Every entry as a line of JSON.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use bereik::routing::Output;
use bereik::sim::{Step, Witness};

#[derive(Debug, Default)]
pub(crate) struct Timeline {
    to: Option<BufWriter<File>>,
}

impl Timeline {
    pub(crate) fn to(path: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self {
            to: Some(BufWriter::new(file)),
        })
    }

    pub(crate) fn finish(self) -> std::io::Result<()> {
        self.to.map_or(Ok(()), |mut to| to.flush())
    }
}

impl Witness for Timeline {
    fn said(&mut self, step: &Step<'_>) -> Result<(), String> {
        let Some(to) = &mut self.to else {
            return Ok(());
        };
        for output in step.outputs {
            if let Output::Entry(entry) = output {
                let line = serde_json::to_string(entry).map_err(|error| error.to_string())?;
                writeln!(to, "{line}").map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }
}
