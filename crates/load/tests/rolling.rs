//! A rolling restart with few visitors: the program, its balancer and its servers work.

use std::io::Write as _;
use std::process::Command;

#[test]
fn no_visitor_is_lost_when_servers_are_replaced() {
    if Command::new("haproxy").arg("-v").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "haproxy is missing");
        // A line that a harness's capture would hide.
        let _ = writeln!(std::io::stderr(), "SKIPPED rolling: haproxy");
        return;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_rolling")).arg("40").output();
    let output = output.expect("the program was built");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (printed, errors) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{printed}{errors}");
    assert!(printed.contains("there at the end 40, lost 0"), "{printed}{errors}");
}
