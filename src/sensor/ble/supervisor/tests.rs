//! The known troubles, as sentences: what BlueZ, btleplug and sensors are known to do, and what is ordered then.

use super::*;
use rstest::rstest;

/// A supervisor with a clock, and the orders that it has given.
struct Bench {
    supervisor: Supervisor,
    at: Duration,
    orders: Vec<Order>,
}

impl Bench {
    fn new() -> Self {
        Self { supervisor: Supervisor::new(None), at: Duration::from_secs(100), orders: Vec::new() }
    }

    /// What is ordered upon `input`, now.
    fn hear(&mut self, input: Input) -> Vec<Order> {
        let mut orders = Vec::new();
        self.supervisor.handle(Moment { at: self.at, dice: 0.5 }, input, &mut orders);
        self.orders.extend(&orders);
        orders
    }

    /// The call that is ordered upon `input`.
    fn call(&mut self, input: Input) -> Option<Call> {
        self.hear(input).into_iter().find_map(|order| match order {
            Order::Begin { call, .. } => Some(call),
            _ => None,
        })
    }

    fn done(&mut self, call: Call) -> Option<Call> {
        self.call(Input::Finished(call, Ok(())))
    }

    fn failed(&mut self, call: Call, why: ErrorClass) -> Option<Call> {
        self.call(Input::Finished(call, Err(why)))
    }

    /// Lets time go by in ticks until a call is ordered.
    fn wait(&mut self, most: Duration) -> (Duration, Option<Call>) {
        let began = self.at;
        while self.at < began + most {
            self.at += Duration::from_millis(100);
            if let Some(call) = self.call(Input::Tick) {
                return (self.at - began, Some(call));
            }
        }
        (self.at - began, None)
    }

    /// Scanning, with nothing else under way.
    fn searching() -> Self {
        let mut bench = Self::new();
        assert_eq!(bench.call(Input::Tick), Some(Call::OpenManager));
        assert_eq!(bench.done(Call::OpenManager), Some(Call::StartScan));
        assert_eq!(bench.done(Call::StartScan), None);
        assert_eq!(bench.supervisor.phase(), Phase::Searching);
        bench
    }

    fn connecting() -> Self {
        let mut bench = Self::searching();
        assert_eq!(bench.call(Input::Seen { connected: false }), Some(Call::StopScan));
        assert_eq!(bench.done(Call::StopScan), Some(Call::Disconnect));
        assert_eq!(bench.failed(Call::Disconnect, ErrorClass::NotConnected), Some(Call::Connect));
        bench
    }

    fn streaming() -> Self {
        let mut bench = Self::connecting();
        assert_eq!(bench.done(Call::Connect), Some(Call::Discover));
        assert_eq!(bench.done(Call::Discover), Some(Call::Configure));
        assert_eq!(bench.done(Call::Configure), None);
        assert_eq!(bench.supervisor.phase(), Phase::Configuring);
        assert_eq!(bench.hear(Input::ValidFrame), []);
        assert_eq!(bench.supervisor.phase(), Phase::Streaming);
        bench
    }

    /// From here on the sensor advertises and everything works: which calls lead to the next frame.
    fn recovers_by(&mut self, mut call: Option<Call>) -> Vec<Call> {
        let mut calls = Vec::new();
        for _ in 0..40 {
            let Some(done) = call else {
                if self.supervisor.phase() == Phase::Configuring {
                    self.hear(Input::ValidFrame);
                    assert_eq!(self.supervisor.phase(), Phase::Streaming);
                    return calls;
                }
                self.at += Duration::from_millis(100);
                call = self.call(Input::Seen { connected: false });
                continue;
            };
            if done != Call::Probe {
                calls.push(done);
            }
            call = self.done(done);
        }
        panic!("it does not recover: {calls:?}");
    }
}

const AGAIN: [Call; 6] =
    [Call::Disconnect, Call::StartScan, Call::StopScan, Call::Connect, Call::Discover, Call::Configure];

#[test]
fn a_good_subscription_proves_nothing_until_a_frame_comes() {
    let mut bench = Bench::connecting();
    bench.done(Call::Connect);
    bench.done(Call::Discover);
    // Notifications of before, armed again by BlueZ, come before the start is written.
    bench.hear(Input::ValidFrame);
    assert_eq!(bench.supervisor.phase(), Phase::Configuring);
    bench.done(Call::Configure);
    assert_eq!(bench.supervisor.phase(), Phase::Configuring);
    bench.hear(Input::ValidFrame);
    assert_eq!(bench.supervisor.phase(), Phase::Streaming);
}

#[test]
fn the_scan_stops_and_a_link_of_before_is_ended_before_the_first_connection() {
    let bench = Bench::connecting();
    let calls: Vec<Call> = bench
        .orders
        .iter()
        .filter_map(|order| if let Order::Begin { call, .. } = order { Some(*call) } else { None })
        .collect();
    assert_eq!(calls, [Call::OpenManager, Call::StartScan, Call::StopScan, Call::Disconnect, Call::Connect]);
}

#[test]
fn a_drop_is_followed_by_a_disconnection_a_search_and_a_connection() {
    let mut bench = Bench::streaming();
    let call = bench.call(Input::Disconnected);
    assert_eq!(bench.supervisor.phase(), Phase::Searching);
    assert_eq!(bench.recovers_by(call), AGAIN);
}

#[test]
fn a_sensor_that_falls_silent_while_connected_is_disconnected_after_3_s() {
    let mut bench = Bench::streaming();
    let mut waited = Duration::ZERO;
    loop {
        let (time, call) = bench.wait(Duration::from_secs(10));
        waited += time;
        if call == Some(Call::Disconnect) {
            break;
        }
        assert_eq!(call, Some(Call::Probe));
        bench.done(Call::Probe);
    }
    assert!((Duration::from_secs(3)..Duration::from_millis(3500)).contains(&waited), "{waited:?}");
    assert_eq!((bench.supervisor.phase(), bench.supervisor.problem()), (Phase::Silent, Some(ErrorClass::Silent)));
    assert_eq!(bench.recovers_by(Some(Call::Disconnect)), AGAIN);
}

#[test]
fn events_that_stop_do_not_matter_while_frames_arrive() {
    let mut bench = Bench::streaming();
    for _ in 0..3000 {
        bench.at += Duration::from_millis(50);
        if let Some(call) = bench.call(Input::ValidFrame) {
            assert_eq!(call, Call::Probe);
            bench.done(call);
        }
    }
    assert_eq!(bench.supervisor.phase(), Phase::Streaming);
}

#[test]
fn a_first_frame_that_never_comes_counts_as_a_failure() {
    let mut bench = Bench::connecting();
    bench.done(Call::Connect);
    bench.done(Call::Discover);
    bench.done(Call::Configure);
    let mut call = None;
    while call != Some(Call::Disconnect) {
        call = bench.wait(Duration::from_secs(10)).1;
        if call == Some(Call::Probe) {
            bench.done(Call::Probe);
        }
    }
    assert_eq!((bench.supervisor.phase(), bench.supervisor.failures()), (Phase::BackingOff, 1));
}

/// Zombie links, first attempts that find no services, attempts still under way, aborts: all the same.
#[rstest]
#[case(ErrorClass::ServicesUnresolved)]
#[case(ErrorClass::InProgress)]
#[case(ErrorClass::Timeout)]
#[case(ErrorClass::Other)]
fn whatever_fails_a_connection_it_is_disconnected_before_the_next(#[case] why: ErrorClass) {
    let mut bench = Bench::connecting();
    let call = bench.failed(Call::Connect, why);
    assert_eq!((call, bench.supervisor.phase()), (Some(Call::Disconnect), Phase::BackingOff));
    assert_eq!(bench.recovers_by(call), AGAIN);
}

#[test]
fn a_connection_has_35_s_and_a_blind_one_10() {
    assert_eq!(Call::Connect.within(false), Duration::from_secs(35));
    assert_eq!(Call::Connect.within(true), Duration::from_secs(10));
}

#[test]
fn in_a_back_off_it_scans_and_an_advertisement_ends_it_after_a_second() {
    let mut bench = Bench::connecting();
    for _ in 0..5 {
        let call = bench.failed(Call::Connect, ErrorClass::Other);
        assert_eq!(call, Some(Call::Disconnect));
        let failed_at = bench.at;
        assert_eq!(bench.done(Call::Disconnect), Some(Call::StartScan));
        bench.done(Call::StartScan);
        let mut call = None;
        while call.is_none() {
            bench.at += Duration::from_millis(100);
            call = bench.call(Input::Seen { connected: false });
        }
        assert_eq!(call, Some(Call::StopScan));
        assert_eq!(bench.at - failed_at, PAUSE);
        assert_eq!(bench.done(Call::StopScan), Some(Call::Connect));
    }
}

#[test]
fn without_an_advertisement_the_back_off_grows_and_then_a_connection_is_tried_blindly() {
    let mut bench = Bench::connecting();
    let mut waits = Vec::new();
    for _ in 0..9 {
        let mut call = bench.failed(Call::Connect, ErrorClass::Timeout);
        let failed_at = bench.at;
        while call != Some(Call::Connect) {
            call = match call {
                Some(done) => bench.done(done),
                None => bench.wait(Duration::from_secs(100)).1,
            };
        }
        waits.push((bench.at - failed_at).as_secs());
        let limit = bench.orders.last();
        assert_eq!(limit, Some(&Order::Begin { call: Call::Connect, within: Duration::from_secs(10) }));
    }
    assert_eq!(waits, [5, 5, 5, 6, 12, 24, 45, 45, 45]);
}

#[test]
fn a_device_that_bluez_has_forgotten_is_thrown_away_and_searched_for() {
    let mut bench = Bench::connecting();
    let call = bench.failed(Call::Connect, ErrorClass::UnknownObject);
    assert_eq!(call, Some(Call::Forget(false)));
    let expected =
        [Call::Forget(false), Call::StartScan, Call::StopScan, Call::Connect, Call::Discover, Call::Configure];
    assert_eq!(bench.recovers_by(call), expected);
}

#[test]
fn an_object_that_vanished_while_streaming_is_found_out_by_silence() {
    let mut bench = Bench::streaming();
    bench.at += Duration::from_secs(4);
    let call = bench.call(Input::Tick);
    assert_eq!(call, Some(Call::Disconnect));
    assert_eq!(bench.failed(Call::Disconnect, ErrorClass::UnknownObject), Some(Call::Forget(false)));
}

#[test]
fn characteristics_missing_twice_make_bluez_forget_its_cache() {
    let mut bench = Bench::connecting();
    bench.done(Call::Connect);
    let call = bench.failed(Call::Discover, ErrorClass::MissingCharacteristic);
    assert_eq!(call, Some(Call::Disconnect));
    let mut call = bench.done(Call::Disconnect);
    while call != Some(Call::Discover) {
        call = match call {
            Some(done) => bench.done(done),
            None => {
                bench.at += Duration::from_millis(100);
                bench.call(Input::Seen { connected: false })
            }
        };
    }
    let call = bench.failed(Call::Discover, ErrorClass::MissingCharacteristic);
    assert_eq!(call, Some(Call::Disconnect));
    assert_eq!(bench.done(Call::Disconnect), Some(Call::Forget(true)));
}

#[test]
fn an_error_that_the_sensor_will_repeat_waits_the_whole_back_off() {
    let mut bench = Bench::connecting();
    bench.done(Call::Connect);
    bench.done(Call::Discover);
    for _ in 0..3 {
        bench.supervisor.back_off.next(1.0);
    }
    let mut call = bench.failed(Call::Configure, ErrorClass::NeedsPairing);
    assert_eq!(bench.supervisor.problem(), Some(ErrorClass::NeedsPairing));
    let failed_at = bench.at;
    while call != Some(Call::Connect) {
        call = match call {
            Some(done) => bench.done(done),
            None => {
                bench.at += Duration::from_millis(100);
                bench.call(Input::Seen { connected: false })
            }
        };
    }
    assert_eq!(bench.at - failed_at, Duration::from_secs(6));
}

#[test]
fn a_scan_that_is_in_progress_is_stopped_and_begun_again() {
    let mut bench = Bench::new();
    bench.call(Input::Tick);
    bench.done(Call::OpenManager);
    assert_eq!(bench.failed(Call::StartScan, ErrorClass::InProgress), None);
    assert_eq!(bench.wait(Duration::from_secs(10)), (SCAN_AGAIN, Some(Call::StartScan)));
    bench.failed(Call::StartScan, ErrorClass::Timeout);
    // It may have begun all the same: it is stopped before a connection.
    assert_eq!(bench.call(Input::Seen { connected: false }), Some(Call::StopScan));
}

#[test]
fn a_discovery_that_hangs_is_begun_anew_each_minute_and_gets_a_new_manager_in_the_end() {
    let mut bench = Bench::searching();
    let (mut calls, mut call) = (Vec::new(), None);
    while call != Some(Call::OpenManager) {
        call = match call {
            Some(done) => bench.done(done),
            None => bench.wait(REBUILD_AFTER * 2).1,
        };
        calls.extend(call.filter(|call| *call != Call::Probe));
    }
    assert_eq!(calls.iter().filter(|call| **call == Call::StartScan).count(), 9);
    assert_eq!(bench.supervisor.rebuild_after, REBUILD_AFTER * 2);
}

#[test]
fn a_sensor_that_is_heard_and_never_streams_gets_a_new_manager_after_six_failures_and_no_false_alarm() {
    let mut bench = Bench::searching();
    let (mut call, mut connects) = (None, 0);
    while call != Some(Call::OpenManager) {
        connects += u32::from(call == Some(Call::Connect));
        call = match call {
            Some(Call::Configure) => bench.failed(Call::Configure, ErrorClass::NoAnswer),
            Some(done) => bench.done(done),
            None => {
                bench.at += Duration::from_millis(100);
                bench.call(Input::Seen { connected: false })
            }
        };
    }
    assert_eq!(connects, 6);
    assert_eq!(bench.supervisor.phase(), Phase::Searching);
    assert_eq!(bench.supervisor.problem(), Some(ErrorClass::NoAnswer), "the bus is not blamed");
    assert_eq!(bench.done(Call::OpenManager), Some(Call::StartScan));
    assert_eq!(bench.supervisor.failures(), 6, "it is still failing");
}

#[test]
fn a_sensor_found_connected_does_not_advertise_and_is_disconnected_first() {
    let mut bench = Bench::searching();
    let call = bench.call(Input::Seen { connected: true });
    assert_eq!(call, Some(Call::Disconnect));
    assert_eq!(
        bench.recovers_by(call),
        [Call::Disconnect, Call::StopScan, Call::Connect, Call::Discover, Call::Configure]
    );
}

#[test]
fn an_adapter_that_goes_off_ends_everything_and_one_that_comes_back_begins_it_again() {
    let mut bench = Bench::streaming();
    assert_eq!(bench.hear(Input::AdapterOff), []);
    assert_eq!(
        (bench.supervisor.phase(), bench.supervisor.problem()),
        (Phase::AdapterLost, Some(ErrorClass::AdapterOff))
    );
    // Nobody is told when it comes back by itself: it is looked for.
    assert_eq!(bench.wait(Duration::from_secs(20)), (FIND_EVERY, Some(Call::FindAdapter)));
    bench.failed(Call::FindAdapter, ErrorClass::AdapterOff);
    let call = bench.call(Input::AdapterOn);
    assert_eq!(call, Some(Call::FindAdapter));
    let expected = [
        Call::FindAdapter,
        Call::StartScan,
        Call::StopScan,
        Call::Disconnect,
        Call::StartScan,
        Call::StopScan,
        Call::Connect,
        Call::Discover,
        Call::Configure,
    ];
    assert_eq!(bench.recovers_by(call), expected);
}

#[test]
fn an_adapter_that_is_pulled_out_is_looked_for_without_end() {
    let mut bench = Bench::streaming();
    bench.at += PROBE_EVERY;
    bench.hear(Input::ValidFrame);
    assert_eq!(bench.orders.last(), Some(&Order::Begin { call: Call::Probe, within: Duration::from_secs(5) }));
    assert_eq!(bench.failed(Call::Probe, ErrorClass::NoAdapter), Some(Call::Forget(false)));
    bench.done(Call::Forget(false));
    for _ in 0..100 {
        assert_eq!(bench.wait(Duration::from_secs(20)), (FIND_EVERY, Some(Call::FindAdapter)));
        bench.failed(Call::FindAdapter, ErrorClass::NoAdapter);
    }
}

#[test]
fn a_killed_bluetoothd_takes_the_handle_with_it_and_a_disconnection_precedes_the_first_connection() {
    let mut bench = Bench::streaming();
    assert_eq!(bench.call(Input::OwnerLost), Some(Call::Forget(false)));
    assert_eq!(bench.supervisor.phase(), Phase::AdapterLost);
    bench.done(Call::Forget(false));
    assert_eq!(bench.call(Input::OwnerBack), None);
    assert_eq!(bench.wait(Duration::from_secs(5)), (OWNER_SETTLES, Some(Call::FindAdapter)));
    assert_eq!(bench.done(Call::FindAdapter), Some(Call::StartScan));
    bench.done(Call::StartScan);
    assert_eq!(bench.call(Input::Seen { connected: false }), Some(Call::StopScan));
    assert_eq!(bench.done(Call::StopScan), Some(Call::Disconnect));
}

#[test]
fn a_connection_under_way_is_dropped_when_bluetoothd_dies() {
    let mut bench = Bench::connecting();
    let orders = bench.hear(Input::OwnerLost);
    assert_eq!(orders[0], Order::Abandon);
}

#[test]
fn a_poll_that_is_not_answered_twice_makes_a_new_manager_and_if_that_fails_the_process_ends() {
    let mut bench = Bench::streaming();
    bench.at += PROBE_EVERY;
    bench.hear(Input::ValidFrame);
    bench.at += Duration::from_secs(2);
    bench.hear(Input::ValidFrame);
    assert_eq!(bench.failed(Call::Probe, ErrorClass::Timeout), Some(Call::Probe));
    assert_eq!(bench.failed(Call::Probe, ErrorClass::Timeout), Some(Call::OpenManager));
    let lost_at = bench.at;
    while bench.at < lost_at + REOPEN_FOR {
        bench.failed(Call::OpenManager, ErrorClass::Timeout);
        assert_eq!(bench.wait(Duration::from_secs(10)), (OPEN_EVERY, Some(Call::OpenManager)));
    }
    assert_eq!(bench.hear(Input::Finished(Call::OpenManager, Err(ErrorClass::BusLost))), [Order::Exit]);
    assert_eq!(bench.hear(Input::Tick), []);
}

#[test]
fn a_bus_that_is_started_anew_within_half_a_minute_needs_no_new_process() {
    let mut bench = Bench::streaming();
    assert_eq!(bench.call(Input::BusLost), Some(Call::OpenManager));
    for _ in 0..14 {
        bench.failed(Call::OpenManager, ErrorClass::BusLost);
        assert_eq!(bench.wait(Duration::from_secs(10)).1, Some(Call::OpenManager));
    }
    assert_eq!(bench.done(Call::OpenManager), Some(Call::StartScan));
    assert!(!bench.orders.contains(&Order::Exit));
}

#[test]
fn a_lost_bus_is_connected_to_at_once() {
    let mut bench = Bench::streaming();
    assert_eq!(bench.call(Input::BusLost), Some(Call::OpenManager));
    let expected = [
        Call::OpenManager,
        Call::StartScan,
        Call::StopScan,
        Call::Disconnect,
        Call::StartScan,
        Call::StopScan,
        Call::Connect,
        Call::Discover,
        Call::Configure,
    ];
    assert_eq!(bench.recovers_by(Some(Call::OpenManager)), expected);
}

#[test]
fn a_machine_without_bluetooth_is_tried_for_ever_and_never_ends_the_daemon() {
    let mut bench = Bench::new();
    let mut call = bench.call(Input::Tick);
    for _ in 0..100 {
        assert_eq!(call, Some(Call::OpenManager));
        bench.failed(Call::OpenManager, ErrorClass::BusLost);
        call = bench.wait(Duration::from_secs(20)).1;
    }
    assert!(!bench.orders.contains(&Order::Exit));
}

#[test]
fn a_sensor_that_would_sleep_is_kept_awake() {
    let mut bench = Bench::streaming();
    bench.supervisor.keep_awake_every = Some(Duration::from_secs(2));
    bench.at += Duration::from_secs(2);
    assert_eq!(bench.call(Input::ValidFrame), Some(Call::KeepAwake));
}
