//! Which call is begun next.

use std::time::Duration;

use super::{Call, Order, Phase, Supervisor};

/// An advertisement older than this says nothing.
const FRESH: Duration = Duration::from_secs(10);
/// A scan is begun anew after so long: discovery is known to hang.
const SCAN_FOR: Duration = Duration::from_secs(60);

impl Supervisor {
    /// Orders the next call, if none is under way.
    pub(super) fn advance(&mut self, now: Duration, orders: &mut Vec<Order>) {
        if self.running.is_some() || self.exited == Some(true) {
            return;
        }
        if self.exited == Some(false) {
            self.exited = Some(true);
            return orders.push(Order::Exit);
        }
        let Some(call) = self.next_call(now) else { return };
        let blind = call == Call::Connect && !self.is_seen(now);
        match call {
            Call::Connect => {
                self.blind = blind;
                self.phase = Phase::Connecting;
                self.seen_at = None;
            }
            Call::StartScan => self.may_scan = true,
            Call::KeepAwake => self.kept_awake_at = now,
            Call::Forget(_) => self.forget = None,
            _ => {}
        }
        self.running = Some(call);
        orders.push(Order::Begin { call, within: call.within(blind) });
    }

    fn next_call(&self, now: Duration) -> Option<Call> {
        if !self.manager {
            return (now >= self.look_at).then_some(Call::OpenManager);
        }
        if self.disconnect && self.sensor {
            return Some(Call::Disconnect);
        }
        if let Some(in_cache) = self.forget {
            return Some(Call::Forget(in_cache));
        }
        match self.phase {
            Phase::AdapterLost => (now >= self.look_at).then_some(Call::FindAdapter),
            Phase::Searching | Phase::BackingOff => self.next_of_search(now),
            Phase::Discovering => Some(Call::Discover),
            Phase::Configuring if !self.configured => Some(Call::Configure),
            Phase::Streaming if self.keep_awake_every.is_some_and(|every| now >= self.kept_awake_at + every) => {
                Some(Call::KeepAwake)
            }
            Phase::Streaming | Phase::Configuring => (now >= self.probe_at).then_some(Call::Probe),
            Phase::Connecting | Phase::Silent => None,
        }
    }

    fn next_of_search(&self, now: Duration) -> Option<Call> {
        let may_connect = self.sensor && now >= self.pause_until;
        // Searched for in vain: BlueZ may know better than its scan, and a kernel that has lost track of a link that is still up
        // (seen with Linux 6.1 after a Disconnect) finds it again only by a connection; such a sensor does not advertise.
        let waited = now >= self.wait_until && self.listened;
        if may_connect && (self.is_seen(now) || waited) {
            return Some(match (self.may_scan, self.unclean) {
                (true, _) => Call::StopScan,
                (false, true) => Call::Disconnect,
                (false, false) => Call::Connect,
            });
        }
        match self.scanning_since {
            None => (now >= self.scan_at).then_some(Call::StartScan),
            Some(since) if now >= since + SCAN_FOR => Some(Call::StopScan),
            Some(_) => (now >= self.probe_at).then_some(Call::Probe),
        }
    }

    pub(super) fn is_seen(&self, now: Duration) -> bool {
        self.seen_at.is_some_and(|at| now.saturating_sub(at) <= FRESH)
    }
}
