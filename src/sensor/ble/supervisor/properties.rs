//! From any state, upon anything: one call at a time, no connection while scanning, and in the end it streams again.

use super::*;
use proptest::prelude::*;

/// The world as the orders leave it, and what is forbidden in it.
#[derive(Debug)]
struct World {
    supervisor: Supervisor,
    at: Duration,
    running: Option<Call>,
    scanning: bool,
    exited: bool,
}

impl World {
    fn new() -> Self {
        let keep_awake = Some(Duration::from_secs(30));
        Self {
            supervisor: Supervisor::new(keep_awake),
            at: Duration::ZERO,
            running: None,
            scanning: false,
            exited: false,
        }
    }

    fn hear(&mut self, input: Input, dice: f64) {
        match input {
            Input::Finished(Call::StopScan, result) if self.running == Some(Call::StopScan) => {
                self.scanning &= result == Err(ErrorClass::Timeout);
            }
            _ => {}
        }
        if let Input::Finished(call, _) = input
            && self.running == Some(call)
        {
            self.running = None;
        }
        let mut orders = Vec::new();
        self.supervisor.handle(Moment { at: self.at, dice }, input, &mut orders);
        for order in orders {
            assert!(!self.exited, "nothing is ordered after the end: {order:?}");
            match order {
                Order::Begin { call, within } => {
                    assert_eq!(self.running, None, "one call at a time, but {call:?} was ordered too");
                    assert!(within <= Duration::from_secs(65), "{call:?} may take {within:?}");
                    assert!(!(call == Call::Connect && self.scanning), "connects while scanning");
                    // The scan of a client that leaves the bus is over.
                    self.scanning = (self.scanning || call == Call::StartScan) && call != Call::OpenManager;
                    self.running = Some(call);
                }
                Order::Abandon => {
                    assert!(self.running.take().is_some(), "nothing was under way");
                }
                Order::Exit => self.exited = true,
            }
        }
    }

    /// From now on all is well: calls work, the sensor advertises while scanned for and streams when started.
    fn time_until_streaming(&mut self, most: Duration) -> Option<Duration> {
        let began = self.at;
        while self.at < began + most {
            self.at += Duration::from_millis(100);
            if let Some(call) = self.running {
                self.hear(Input::Finished(call, Ok(())), 0.5);
            }
            if self.scanning {
                self.hear(Input::Seen { connected: false }, 0.5);
            }
            if self.supervisor.phase() == Phase::Configuring {
                self.hear(Input::ValidFrame, 0.5);
            }
            self.hear(Input::Tick, 0.5);
            if self.supervisor.phase() == Phase::Streaming {
                return Some(self.at - began);
            }
        }
        None
    }
}

fn class() -> impl Strategy<Value = ErrorClass> {
    prop::sample::select(vec![
        ErrorClass::Timeout,
        ErrorClass::ServicesUnresolved,
        ErrorClass::UnknownObject,
        ErrorClass::InProgress,
        ErrorClass::NotConnected,
        ErrorClass::AdapterOff,
        ErrorClass::NoAdapter,
        ErrorClass::NoBluetoothd,
        ErrorClass::BusLost,
        ErrorClass::NoPermission,
        ErrorClass::NeedsPairing,
        ErrorClass::MissingCharacteristic,
        ErrorClass::Refused,
        ErrorClass::NoAnswer,
        ErrorClass::Other,
    ])
}

fn call() -> impl Strategy<Value = Call> {
    prop::sample::select(vec![
        Call::OpenManager,
        Call::FindAdapter,
        Call::StartScan,
        Call::StopScan,
        Call::Connect,
        Call::Disconnect,
        Call::Discover,
        Call::Configure,
        Call::KeepAwake,
        Call::Probe,
        Call::Forget(false),
    ])
}

/// What happens next; `Answer` speaks of whatever call is under way.
#[derive(Debug, Clone)]
enum Happening {
    Answer(Result<(), ErrorClass>),
    Other(Input),
    Time(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    let other = prop_oneof![
        Just(Input::Tick),
        any::<bool>().prop_map(|connected| Input::Seen { connected }),
        Just(Input::ValidFrame),
        Just(Input::Disconnected),
        Just(Input::AdapterOff),
        Just(Input::AdapterOn),
        Just(Input::OwnerLost),
        Just(Input::OwnerBack),
        Just(Input::BusLost),
        (call(), class()).prop_map(|(call, class)| Input::Finished(call, Err(class))),
        call().prop_map(|call| Input::Finished(call, Ok(()))),
    ];
    prop_oneof![
        6 => Just(Happening::Answer(Ok(()))),
        2 => class().prop_map(|class| Happening::Answer(Err(class))),
        2 => Just(Happening::Other(Input::Seen { connected: false })),
        2 => Just(Happening::Other(Input::ValidFrame)),
        3 => other.prop_map(Happening::Other),
        3 => (0_u64..20_000).prop_map(Happening::Time),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happened_it_streams_again_once_all_is_well(
        happenings in prop::collection::vec((happening(), 0.0..1.0_f64), 0..120),
    ) {
        let mut world = World::new();
        world.hear(Input::Tick, 0.5);
        for (happening, dice) in happenings {
            match happening {
                Happening::Answer(result) => {
                    if let Some(call) = world.running {
                        world.hear(Input::Finished(call, result), dice);
                    }
                }
                Happening::Other(input) => world.hear(input, dice),
                Happening::Time(millis) => {
                    world.at += Duration::from_millis(millis);
                    world.hear(Input::Tick, dice);
                }
            }
        }
        if !world.exited {
            // The longest wait of all is a whole back-off, for a sensor that refused.
            let streams = world.time_until_streaming(Duration::from_secs(75));
            prop_assert!(streams.is_some(), "{world:?}");
        }
    }

    #[test]
    fn it_does_not_spin(happenings in prop::collection::vec(class(), 1..50)) {
        // Calls that all fail at once, with the sensor advertising: at most ten calls a second.
        let mut world = World::new();
        let mut calls = 0;
        for class in happenings.iter().cycle().take(600) {
            world.at += Duration::from_millis(100);
            world.hear(Input::Seen { connected: false }, 0.5);
            for _ in 0..20 {
                let Some(call) = world.running else { break };
                calls += 1;
                world.hear(Input::Finished(call, Err(*class)), 0.5);
            }
        }
        prop_assert!(calls <= 600, "{calls} calls in a minute");
    }
}
