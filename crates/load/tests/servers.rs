//! Servers that are replaced under few visitors: the programs, their balancers and their servers work, and nothing
//! is lost.

use std::io::Write as _;
use std::process::Command;

use load::balancer::Kind;

#[test]
fn no_visitor_is_lost_when_servers_are_replaced_behind_haproxy() {
    no_visitor_is_lost_behind(Kind::Haproxy);
}

#[test]
fn no_visitor_is_lost_when_servers_are_replaced_behind_nginx() {
    no_visitor_is_lost_behind(Kind::Nginx);
}

#[test]
fn whatever_visitors_do_nothing_is_lost_and_nothing_applied_twice() {
    let arguments = ["--seconds", "8", "--sockets", "30", "--replace-seconds", "3"];
    let soak = Command::new(env!("CARGO_BIN_EXE_soak"));
    let printed = run(soak, &[&arguments[..], &["--pollers", "30"]].concat(), Kind::Haproxy);
    assert!(printed.is_none_or(|printed| printed.contains("server 2 stopped")));
}

fn no_visitor_is_lost_behind(balancer: Kind) {
    let rolling = Command::new(env!("CARGO_BIN_EXE_rolling"));
    let printed = run(rolling, &["40"], balancer);
    assert!(printed.is_none_or(|printed| printed.contains("there at the end 40, lost 0")));
}

/// What the program prints; none where its balancer is not installed.
fn run(mut program: Command, arguments: &[&str], balancer: Kind) -> Option<String> {
    let name = balancer.name();
    if !balancer.is_installed() {
        assert!(std::env::var_os("CI").is_none(), "{name} is missing");
        // A line that a harness's capture would hide.
        let _ = writeln!(std::io::stderr(), "SKIPPED {:?}: {name}", program.get_program());
        return None;
    }
    program.args(arguments).args(["--balancer", name]).env_remove("DATABASE_URL");
    let output = program.output().expect("the program was built");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (printed, errors) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{printed}{errors}");
    Some(printed)
}
