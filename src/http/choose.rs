//! Which server of a load balancer gets a request.

use std::net::IpAddr;

use crate::balance::{AnswerTimes, is_admitted, least, ramp, two_choices};
use crate::base::Tick;
use crate::snapshot::{LoadBalancer, Server, Strategy};

use super::forward::Tried;

/// The server for a new client, or for one whose own can't be used. None when none is left.
pub(super) fn choose(
    balancer: &LoadBalancer,
    now: Tick,
    (client, tried): (IpAddr, &Tried),
) -> Option<usize> {
    let servers = &balancer.servers;
    let up = |number: usize| {
        let server = servers.get(number);
        server.is_some_and(|server| server.state.is_up(now) && !tried.holds(number))
    };
    let fits = |number: usize| up(number) && servers[number].is_used();
    match &balancer.strategy {
        Strategy::RoundRobin => match balancer.slow_start {
            None => balancer
                .schedule
                .next(&balancer.seats, |number, _| up(number)),
            Some(span) => {
                let slowly = |number: usize, turn| {
                    let back_for = servers[number].state.back_for(now);
                    up(number) && is_admitted(turn, ramp(back_for, span))
                };
                let next = balancer.schedule.next(&balancer.seats, slowly);
                next.or_else(|| {
                    balancer
                        .schedule
                        .next(&balancer.seats, |number, _| up(number))
                })
            }
        },
        Strategy::HighestRandomWeight(table) => table.pick(client, fits),
        Strategy::TwoChoices => {
            let load = |number: usize| servers[number].state.in_flight();
            two_choices(servers.len(), balancer.seats.take(), fits, load)
        }
        Strategy::LeastConnections => least(servers.len(), balancer.seats.take(), |number| {
            let busy = f64::from(servers[number].state.in_flight()) + 1.0;
            fits(number).then(|| busy / share(balancer, &servers[number], now))
        }),
        Strategy::LeastTime => {
            let times = |number: usize| times(balancer, &servers[number], now);
            let known = (0..servers.len()).filter(|number| fits(*number));
            let quickest = known.filter_map(|number| times(number).average);
            let quickest = quickest.fold(f64::INFINITY, f64::min);
            // While nothing is known, only the load counts.
            let quickest = if quickest.is_finite() { quickest } else { 1.0 };
            least(servers.len(), balancer.seats.take(), |number| {
                fits(number).then(|| times(number).cost(quickest))
            })
        }
    }
}

/// Whether a server may go on serving a client that its cookie brings.
pub(super) fn may_keep(balancer: &LoadBalancer, number: usize, now: Tick) -> bool {
    let server = balancer.servers.get(number);
    server.is_some_and(|server| server.weight > 0 && server.state.is_up(now))
}

/// Whether requests in flight are counted for it.
pub(super) const fn counts_requests(balancer: &LoadBalancer) -> bool {
    match balancer.strategy {
        Strategy::TwoChoices | Strategy::LeastTime | Strategy::LeastConnections => true,
        Strategy::RoundRobin | Strategy::HighestRandomWeight(_) => false,
    }
}

/// Its weight, less while it starts slowly.
fn share(balancer: &LoadBalancer, server: &Server, now: Tick) -> f64 {
    let part = balancer
        .slow_start
        .map_or(1.0, |span| ramp(server.state.back_for(now), span));
    f64::from(server.weight) * part
}

fn times(balancer: &LoadBalancer, server: &Server, now: Tick) -> AnswerTimes {
    let known = server.state.answer_time(now);
    AnswerTimes {
        average: known.map(|(average, _)| average),
        idle: known.map(|(_, idle)| idle).unwrap_or_default(),
        in_flight: server.state.in_flight(),
        weight: share(balancer, server, now),
    }
}
