//! The files of vectors, in the folder that `BEREIK_VECTORS` names.

use std::path::PathBuf;

use serde_json::Value;

pub(crate) fn read(file: &str) -> Value {
    let folder = std::env::var_os("BEREIK_VECTORS");
    let folder = PathBuf::from(folder.expect("BEREIK_VECTORS names the folder of the vectors"));
    let text = std::fs::read_to_string(folder.join(file)).expect("the folder has this file");
    serde_json::from_str(&text).expect("the file is JSON")
}
