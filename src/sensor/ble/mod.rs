//! Real sensors over Bluetooth LE: finds them, keeps them connected all night, hands their bytes to a decoder.
//!
//! Everything that is decided is decided in [`supervisor`], which is pure; the rest does what it orders, on top of
//! btleplug and BlueZ, which are trusted with nothing: each call has a time limit, each queue an end, and a sensor is
//! alive only while valid frames arrive. It must never interpret a signal.

mod advertisement;
mod back_off;
mod calls;
mod error_class;
mod failure;
mod link;
mod owner;
mod paired;
mod pumps;
mod queues;
mod radio;
mod scan;
mod sensor_id;
mod settings;
mod shell;
mod source;
pub mod supervisor;

pub use advertisement::{Advertisement, Wanted, parse_address, write_address};
pub use error_class::ErrorClass;
pub use link::LinkState;
pub use paired::PairedSource;
pub use scan::{FoundDevice, Said, ScanError, adapter_in_use, scan};
pub use sensor_id::sensor_id;
pub use settings::{BleSettings, InfoCheck, InfoCheckFn};
pub use source::BleSource;
