//! Real sensors over Bluetooth LE: finds them, keeps them connected all night, hands their bytes to a decoder.
//!
//! Everything that is decided is decided in [`supervisor`], which is pure; the rest does what it orders, on top of
//! btleplug and BlueZ, which are trusted with nothing: each call has a time limit, each queue an end, and a sensor is
//! alive only while valid frames arrive. It must never interpret a signal.

mod advertisement;
mod back_off;
mod error_class;
mod sensor_id;
pub mod supervisor;

pub use advertisement::{Advertisement, Wanted, parse_address, write_address};
pub use error_class::ErrorClass;
pub use sensor_id::sensor_id;
