//! Moves inputs between the kept corpus and a folder of `cargo fuzz`, a file for each.
//!
//! ```text
//! cargo run -p fuzz --bin corpus unpack frames FOLDER
//! cargo run -p fuzz --bin corpus pack frames FOLDER
//! ```

use std::env;
use std::fs;
use std::io;
use std::process::ExitCode;

use fuzz::corpus;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["unpack", target, folder] => unpack(target, folder),
        ["pack", target, folder] => pack(target, folder),
        _ => Err(io::Error::other("corpus unpack|pack TARGET FOLDER")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn unpack(target: &str, folder: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (number, input) in corpus::read(target)?.into_iter().enumerate() {
        fs::write(format!("{folder}/kept-{number}"), input)?;
    }
    Ok(())
}

fn pack(target: &str, folder: &str) -> io::Result<()> {
    let files = fs::read_dir(folder)?;
    let inputs = files.map(|file| fs::read(file?.path()));
    corpus::write(target, inputs.collect::<io::Result<_>>()?)
}
