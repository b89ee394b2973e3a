//! What stands in a command's payload besides its id and its time.

use serde_json::{Map, Value};

use super::parse::found;
use super::refusal::Reason;
use super::{Command, Water};

type Object = Map<String, Value>;

/// The command of this verb, which must be one of [`Command::VERBS`].
pub(super) fn command(verb: &str, object: &Object) -> Result<Command, Reason> {
    match verb {
        "log_intake" => water(object).map(Command::LogIntake),
        "set_glass_size" => Ok(Command::SetGlassSize { ml: glass_ml(object)? }),
        "acknowledge" => Ok(Command::Acknowledge),
        "dismiss" => Ok(Command::Dismiss),
        "mute" => Ok(Command::Mute { minutes: minutes(object)? }),
        "report_cramp" => Ok(Command::ReportCramp),
        "set_armed" => Ok(Command::SetArmed { armed: armed(object)? }),
        "calibrate" => Ok(Command::Calibrate),
        _ => Err(Reason::UnknownVerb),
    }
}

fn water(object: &Object) -> Result<Water, Reason> {
    const KIND: &str = "\"water\", the only kind that can be logged over MQTT";
    const AMOUNT: &str = "\"glass\", or a number with a unit";
    const UNIT: &str = "\"ml\" or \"glass\"";
    let kind = required(object, "kind", KIND)?;
    if word(kind).as_deref() != Some("water") {
        return Err(Reason::Value { key: "kind", found: found(kind), expected: KIND });
    }
    let amount = required(object, "amount", AMOUNT)?;
    if word(amount).as_deref() == Some("glass") {
        return Ok(Water::Glasses(1.0));
    }
    let unit = required(object, "unit", UNIT)?;
    match word(unit).as_deref() {
        Some("ml") => {
            let good = |ml: f64| (Water::MIN_ML..=Water::MAX_ML).contains(&ml);
            number("amount", amount, good, "1 to 5000 ml").map(Water::Millilitres)
        }
        Some("glass" | "glasses") => {
            let good = |glasses: f64| glasses > 0.0 && glasses <= Water::MAX_GLASSES;
            number("amount", amount, good, "above 0, at most 20 glasses").map(Water::Glasses)
        }
        _ => Err(Reason::Value { key: "unit", found: found(unit), expected: UNIT }),
    }
}

fn glass_ml(object: &Object) -> Result<f64, Reason> {
    const EXPECTED: &str = "50 to 1000 ml";
    let ml = required(object, "ml", EXPECTED)?;
    number("ml", ml, |ml| (Command::GLASS_MIN_ML..=Command::GLASS_MAX_ML).contains(&ml), EXPECTED)
}

fn minutes(object: &Object) -> Result<u32, Reason> {
    const EXPECTED: &str = "whole minutes, 0 (ends it) to 720";
    let minutes = required(object, "minutes", EXPECTED)?;
    let good = |value: f64| value.fract() == 0.0 && (0.0..=f64::from(Command::MUTE_MAX_MINUTES)).contains(&value);
    // In range and whole, as was just checked.
    number("minutes", minutes, good, EXPECTED).map(|value| value as u32)
}

fn armed(object: &Object) -> Result<bool, Reason> {
    const EXPECTED: &str = "\"ON\" or \"OFF\"";
    let armed = required(object, "armed", EXPECTED)?;
    match armed {
        Value::Bool(armed) => return Ok(*armed),
        _ => match word(armed).as_deref() {
            Some("on" | "true") => return Ok(true),
            Some("off" | "false") => return Ok(false),
            _ => {}
        },
    }
    Err(Reason::Value { key: "armed", found: found(armed), expected: EXPECTED })
}

fn required<'object>(
    object: &'object Object,
    key: &'static str,
    expected: &'static str,
) -> Result<&'object Value, Reason> {
    object.get(key).filter(|value| !value.is_null()).ok_or(Reason::Missing { key, expected })
}

/// Text in lower case without spaces around it.
fn word(value: &Value) -> Option<String> {
    value.as_str().map(|text| text.trim().to_ascii_lowercase())
}

/// A number, or text that is one, as templates write it.
fn number(key: &'static str, value: &Value, good: impl Fn(f64) -> bool, expected: &'static str) -> Result<f64, Reason> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number {
        // Not a number is in no range.
        Some(number) if good(number) => Ok(number),
        _ => Err(Reason::Value { key, found: found(value), expected }),
    }
}
