//! Two kinds of work by turns, so that a machine whose speed drifts treats both alike.

use load::median;

use crate::Target;
use crate::scenario::{Sample, Scenario};

/// What visitors do, for a comparison with another server.
const ACTS: [Scenario; 10] = [
    Scenario::Click,
    Scenario::Bump,
    Scenario::BumpAll,
    Scenario::Shuffle,
    Scenario::Form,
    Scenario::Broadcast,
    Scenario::Open,
    Scenario::OpenTable,
    Scenario::Page,
    Scenario::PagePlain,
];

/// Most echoes that each scenario may cost, from the project's measures.
const TARGETS: [(Scenario, f64); 6] = [
    (Scenario::Click, 1.25),
    (Scenario::Bump, 2.0),
    (Scenario::Shuffle, 4.2),
    (Scenario::Open, 15.0),
    (Scenario::OpenTable, 25.0),
    (Scenario::Broadcast, 1.3),
];

/// Least share of the plain page's throughput that the live one has.
const DEAD_RENDER_TARGET: f64 = 0.8;

/// Most that a traced click costs, in untraced ones: 2 % fewer in the same time.
const TRACED_TARGET: f64 = 1.0 / 0.98;

/// What two kinds of work cost, each the median of its runs.
struct Costs {
    first_micros: f64,
    second_micros: f64,
    /// The median of the second's multiples of the first, pair by pair.
    ratio: f64,
}

/// Every scenario with a target.
pub(crate) async fn with_targets(target: Target, rounds: usize) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for (scenario, most) in TARGETS {
        let ratio = with_echo(target, scenario, rounds).await?;
        let verdict = if ratio <= most { "reached" } else { "MISSED" };
        lines.push(format!("{scenario:?}: {ratio:.2} echoes, target {most}, {verdict}"));
    }
    println!("\n{}", lines.join("\n"));
    Ok(())
}

/// The median of the scenario's cost in echoes.
pub(crate) async fn with_echo(
    target: Target,
    scenario: Scenario,
    rounds: usize,
) -> anyhow::Result<f64> {
    let ratio = pairs((target, Scenario::Echo), (target, scenario), rounds).await?.ratio;
    println!("{scenario:?} costs {ratio:.2} echoes");
    Ok(ratio)
}

/// The first response of the live table against that of the plain one.
pub(crate) async fn dead_render(target: Target, rounds: usize) -> anyhow::Result<()> {
    let costs = pairs((target, Scenario::PagePlain), (target, Scenario::Page), rounds).await?;
    let share = 1.0 / costs.ratio;
    let verdict = if share >= DEAD_RENDER_TARGET { "reached" } else { "MISSED" };
    println!(
        "live page: {:.0} % of the plain one's throughput, target {:.0} %, {verdict}",
        share * 100.0,
        DEAD_RENDER_TARGET * 100.0
    );
    Ok(())
}

/// Clicks on a server that traces against clicks on one that does not.
pub(crate) async fn traced(off: Target, on: Target, rounds: usize) -> anyhow::Result<()> {
    let ratio = pairs((off, Scenario::Click), (on, Scenario::Click), rounds).await?.ratio;
    let verdict = if ratio <= TRACED_TARGET { "reached" } else { "MISSED" };
    println!(
        "tracing: {:.1} % fewer clicks in the same time, target 2 %, {verdict}",
        (1.0 - 1.0 / ratio) * 100.0
    );
    Ok(())
}

/// Every act on this server and on a peer that serves the same pages.
pub(crate) async fn with_peer(own: Target, peer: Target, rounds: usize) -> anyhow::Result<()> {
    let mut lines = vec![format!("{:<12}{:>12}{:>12}{:>8}", "", "own", "peer", "ratio")];
    for act in ACTS {
        let Costs { first_micros, second_micros, ratio } =
            pairs((own, act), (peer, act), rounds).await?;
        let name = format!("{act:?}");
        lines.push(format!("{name:<12}{first_micros:>9.1} µs{second_micros:>9.1} µs{ratio:>8.2}"));
    }
    println!("\n{}", lines.join("\n"));
    Ok(())
}

/// Measures both `rounds` times by turns, with equally many connections.
async fn pairs(
    first: (Target, Scenario),
    second: (Target, Scenario),
    rounds: usize,
) -> anyhow::Result<Costs> {
    let [first_target, second_target] =
        [first, second].map(|(target, _)| target.with_enough_for([first.1, second.1]));
    let (mut firsts, mut seconds, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let first_sample: Sample = first.1.measure(first_target).await?;
        let second_sample: Sample = second.1.measure(second_target).await?;
        let ratio = second_sample.micros() / first_sample.micros();
        println!(
            "{:?} {second_sample}, against {:?} {first_sample}: {ratio:.2}",
            second.1, first.1
        );
        firsts.push(first_sample.micros());
        seconds.push(second_sample.micros());
        ratios.push(ratio);
    }
    Ok(Costs {
        first_micros: median(&firsts),
        second_micros: median(&seconds),
        ratio: median(&ratios),
    })
}
