//! The configuration through its front door.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rstest::rstest;

use super::raw::{KEYS, RawConfig};
use super::*;

const EXAMPLE: &str = include_str!("../../crampwatch.example.toml");

fn home() -> Environment {
    Environment::new([("HOME", "/home/me")])
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/etc/crampwatch.toml"), &home())
}

/// The example with those lines in force that begin with `mark` and a key.
fn example_with(mark: &str) -> String {
    let is_key =
        |rest: &str| rest.split_once(" = ").is_some_and(|(key, _)| !key.is_empty() && !key.contains([' ', '"']));
    EXAMPLE
        .lines()
        .map(|line| line.strip_prefix(mark).filter(|rest| is_key(rest)).unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn the_example_shows_the_defaults() {
    let text = example_with("#");
    assert!(text.contains("\nstale_after_s = 10.0"));
    let config = parse(&text).unwrap();
    assert_eq!(Config { origin: None, ..config }, Config::defaults_in(&home()));
    assert_eq!(parse(EXAMPLE).unwrap(), parse("").unwrap());
}

#[test]
fn the_example_shows_every_key_once() {
    let text = example_with("#") + &example_with("# ");
    let mut section = "";
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.split_once(" = ") {
            found.push(format!("{section}.{key}"));
        }
    }
    let mut expected: Vec<String> =
        KEYS.iter().flat_map(|(section, keys)| keys.iter().map(move |key| format!("{section}.{key}"))).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn the_examples_of_keys_without_a_default_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mqtt-password"), "secret\n").unwrap();
    std::fs::write(folder.path().join("mqtt-embedded-password"), "other\n").unwrap();
    let path = folder.path().join("crampwatch.toml");
    std::fs::write(&path, example_with("# ")).unwrap();
    let config = Config::load_in(Some(&path), &home()).unwrap();
    assert_eq!(config.mqtt.password, Some(Secret::new("secret")));
    assert_eq!(config.mqtt.embedded_password, Some(Secret::new("other")));
    assert_eq!(config.mqtt.ca_file, Some(folder.path().join("ca.crt")));
    assert_eq!(config.sensor.replay.file, Some(folder.path().join("night.edf")));
    assert_eq!(config.storage.data_dir, PathBuf::from("/home/me/.local/share/crampwatch"));
    assert_eq!(config.person.time_zone_name(), "Europe/Berlin");
    assert_eq!(config.detection.enter_probability, Some(0.5));
}

#[test]
fn the_list_of_keys_is_what_the_reader_accepts() {
    let accepted = |header: &str| {
        let message = toml::from_str::<RawConfig>(&format!("{header}\nzzz = 1")).unwrap_err().message().to_owned();
        assert!(message.starts_with("unknown field `zzz`"), "{message}");
        message.split('`').skip(3).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    };
    for (section, _) in KEYS {
        assert_eq!(accepted(&format!("[{section}]")), suggest::names_in(section), "[{section}]");
    }
    assert_eq!(accepted(""), suggest::names_in(""));
}

#[rstest]
#[case("[alarm]\nstale_after = 10", "2:1", "write stale_after_s: the ending of the name is the unit")]
#[case("[alarm]\nstale_after_ms = 10", "2:1", "write stale_after_s")]
#[case("[mqqt]\nport = 1", "1:2", "did you mean mqtt?")]
#[case("[mqtt]\n  hots = \"a\"", "2:3", "did you mean host?")]
#[case("stale_after_s = 10", "1:1", "belongs in the section [alarm]")]
#[case("[mqtt]\npassword = \"x\"", "2:1", "password_file, or set CRAMPWATCH_MQTT_PASSWORD")]
#[case("[storage]\ncolour = 1", "2:1", "remove it")]
#[case("[alarm]\nstale_after_s = \"10\"", "2:17", "without quotes")]
#[case("[alarm]\nstale_after_s = 1", "2:17", "expected 2 to 600 seconds")]
#[case("[alarm]\nstale_after_s = nan", "2:17", "expected 2 to 600 seconds")]
#[case("[alarm]\nwake = \"crmap\"", "2:8", "did you mean \"cramp\"?")]
#[case("[alarm]\nescalate_times = 101", "2:18", "expected 0 to 100 times")]
#[case("[alarm]\nfault_after_s = 5", "2:17", "expected 10 to 7200 seconds")]
#[case("[alarm]\nquiet_from = \"22:00\"", "2:14", "write both")]
#[case("[alarm]\nquiet_from = \"22:00\"\nquiet_until = \"22:00\"", "2:14", "wake = \"never\"")]
#[case("[alarm]\nsleep_from = \"9 pm\"", "2:14", "such as \"22:30\"")]
#[case("[alarm]\nsleep_until = \"24:00\"", "2:15", "\"00:00\" to \"23:59\"")]
#[case("[alarm]\nreminders = [\"Stretch\"]", "2:13", "such as \"21:30 Put the sensor on\"")]
#[case("[alarm]\nreminders = [\"22:00  \"]", "2:13", "a text of 1 to 200 characters")]
#[case("[alarm]\nnot_worn_after_s = 59", "2:20", "expected 60 to 14400 seconds")]
#[case("[alarm]\nescalate_after_s = 4", "2:20", "expected 5 to 3600 seconds")]
#[case("[alarm]\nfault_again_after_s = 59", "2:23", "expected 60 to 86400 seconds")]
#[case("[alarm]\nbed_presence_topic = \"crampwatch/bed\"", "2:22", "not below mqtt.base_topic")]
#[case("[alarm]\nbed_presence_topic = \"bed/#\"", "2:22", "plain name")]
#[case("[person]\nid = 7", "2:6", "in double quotes")]
#[case("[person]\nid = \"Jörg Müller\"", "2:6", "lower-case letters")]
#[case("[person]\nid = \"a4c13812ef01\"", "2:6", "no Bluetooth address")]
#[case("[person]\nid = \"a4_c1_38_12_ef_01\"", "2:6", "write a short name")]
#[case("[person]\ntime_zone = \"Berlin\"", "2:13", "did you mean \"Europe/Berlin\"?")]
#[case("[person]\ntime_zone = \"Atlantis\"", "2:13", "IANA name")]
#[case("[leg]\nside = \"rihgt\"", "2:8", "did you mean \"right\"?")]
#[case("[leg]\nside = \"both\"", "2:8", "one of \"left\", \"right\"")]
#[case("[sensor.bluetooth]\naddress = \"C0:FF\"", "2:11", "crampwatch scan shows")]
#[case("[sensor.bluetooth]\nname = \" \"", "2:8", "leave it out")]
#[case("[sensor.bluetooth.acceleration]\naddress = \"C0:FF:EE:00:00:02\"", "2:11", "profile = \"polar-h10\"")]
#[case("[sensor.bluetooth.acceleration]\nprofile = \"polar-h10\"\naddress = \"C0\"", "3:11", "crampwatch scan shows")]
#[case("[sensor]\nkind = \"replay\"", "2:8", "[sensor.replay] with file")]
#[case("[sensor.simulated]\nseed = -1", "2:8", "expected 0 to")]
#[case("[sensor.simulated]\nspeed = 0", "2:9", "times real time")]
#[case("[mqtt]\nport = 99999", "2:8", "1 to 65535")]
#[case("[mqtt]\nhost = \"mqtt://broker\"", "2:8", "without mqtt://")]
#[case("[mqtt]\nembedded_address = \"lan\"", "2:20", "127.0.0.1")]
#[case(
    "[mqtt]\nembedded_address = \"0.0.0.0\"",
    "2:20",
    "set CRAMPWATCH_MQTT_EMBEDDED_PASSWORD; or write \"127.0.0.1\""
)]
#[case("[mqtt]\nembedded_address = \"::\"", "2:20", "name a file with one in mqtt.embedded_password_file")]
#[case("[mqtt]\nembedded_password_file = \"/does/not/exist\"", "2:26", "set CRAMPWATCH_MQTT_EMBEDDED_PASSWORD")]
#[case("[mqtt]\nembedded_username = \"\"", "2:21", "leave the key out")]
#[case("[mqtt]\ntls = true", "2:7", "set mode = \"external\"")]
#[case("[mqtt]\nmode = \"external\"\nca_file = \"a\"", "3:11", "set mqtt.tls = true")]
#[case("[mqtt]\nmode = \"external\"\ntls = true\nca_file = \"/does/not/exist\"", "4:11", "check the path")]
#[case("[mqtt]\nmode = \"external\"\ntls = true\nca_file = \"/dev/null\"", "4:11", "an empty file (ca_file /dev/null)")]
#[case("[mqtt]\nmode = \"external\"\ntls = true\nclient_key_file = \"a\"", "4:19", "add mqtt.client_certificate_file")]
#[case("[mqtt]\nbase_topic = \"a/#\"", "2:14", "plain name")]
#[case("[mqtt]\nbase_topic = \"a//b\"", "2:14", "such as \"crampwatch\"")]
#[case("[mqtt]\ndiscovery = \"yes\"", "2:13", "expected true or false")]
#[case("[mqtt]\ndiscovery_prefix = \"home assistant\"", "2:20", "such as \"homeassistant\"")]
#[case("[mqtt]\npassword_file = \"/does/not/exist\"", "2:17", "write the password into it")]
#[case("[detection]\nenter_probability = 1.5", "2:21", "0.01 to 0.999")]
#[case("[storage]\nkeep_raw = \"yes\"", "2:12", "expected true or false")]
#[case("[storage]\ndata_dir = \"\"", "2:12", "expected a path")]
#[case("[log]\nlevel = 'Warn'", "2:9", "did you mean \"warn\"?")]
#[case("[log]\nlevel = \"info\"\nlevel = \"warn\"", "3:1", "duplicate key")]
#[case("# ä\n[log\nlevel = 1", "2:5", "expected TOML")]
#[case("mqtt = 7", "1:8", "a section")]
fn errors_say_where_what_and_how(#[case] text: &str, #[case] place: &str, #[case] part: &str) {
    let message = parse(text).unwrap_err().to_string();
    assert!(message.starts_with(&format!("/etc/crampwatch.toml:{place}: found ")), "{message}");
    assert!(message.contains(part) && message.contains(", expected ") && message.contains("; "), "{message}");
}

#[test]
fn a_number_may_be_written_without_its_point() {
    assert_eq!(parse("[alarm]\nstale_after_s = 20").unwrap().alarm.policy.stale_after_s, 20.0);
}

#[test]
fn secrets_come_from_environment_or_file_and_are_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crampwatch.toml");
    std::fs::write(folder.path().join("pw"), "from-file\r\n").unwrap();
    std::fs::write(&path, "[mqtt]\nusername = \"u\"\npassword_file = \"pw\"").unwrap();
    let environment = Environment::new([
        ("CRAMPWATCH_MQTT_PASSWORD", "from-environment"),
        ("CRAMPWATCH_MQTT_EMBEDDED_PASSWORD", "from-environment-too"),
    ]);
    let with_file = Config::load_in(Some(&path), &home()).unwrap();
    let with_environment = Config::load_in(Some(&path), &environment).unwrap();
    assert_eq!(with_file.mqtt.password.as_ref().unwrap().expose(), "from-file");
    assert_eq!(with_environment.mqtt.password.as_ref().unwrap().expose(), "from-environment");
    assert_eq!(with_environment.mqtt.embedded_password.as_ref().unwrap().expose(), "from-environment-too");
    assert_eq!(with_file.mqtt.password_file, Some(folder.path().join("pw")));
    for text in [
        format!("{with_file:?} {with_environment:?} {environment:?}"),
        with_file.describe() + &with_environment.describe(),
    ] {
        assert!(text.contains("[redacted]") && !text.contains("from-"), "{text}");
    }

    std::fs::write(folder.path().join("pw"), "\n").unwrap();
    let message = Config::load_in(Some(&path), &home()).unwrap_err().to_string();
    assert!(message.contains(":3:17: found the empty file"), "{message}");
    std::fs::write(folder.path().join("pw"), "x").unwrap();
    std::fs::write(&path, "[mqtt]\npassword_file = \"pw\"").unwrap();
    let message = Config::load_in(Some(&path), &home()).unwrap_err().to_string();
    assert!(message.contains("add mqtt.username"), "{message}");
}

#[test]
fn with_tls_the_port_is_another_unless_one_is_written() {
    let external = "[mqtt]\nmode = \"external\"\n";
    assert_eq!(parse(external).unwrap().mqtt.port, 1883);
    assert_eq!(parse(&format!("{external}tls = true")).unwrap().mqtt.port, 8883);
    assert_eq!(parse(&format!("{external}tls = true\nport = 1883")).unwrap().mqtt.port, 1883);
}

#[test]
fn the_embedded_broker_may_be_open_to_the_network_with_a_password() {
    let environment = Environment::new([("CRAMPWATCH_MQTT_EMBEDDED_PASSWORD", "x")]);
    let text = "[mqtt]\nembedded_address = \"0.0.0.0\"";
    let config = Config::parse(text, Path::new("crampwatch.toml"), &environment).unwrap();
    assert_eq!(
        (config.mqtt.embedded_address.to_string().as_str(), config.mqtt.embedded_username.as_str()),
        ("0.0.0.0", "crampwatch")
    );
    // What is not used need not be guarded.
    parse("[mqtt]\nmode = \"off\"\nembedded_address = \"0.0.0.0\"").unwrap();
}

#[test]
fn the_hash_changes_with_settings_only() {
    let base = parse("").unwrap();
    assert_eq!(base.hash().len(), 64);
    assert_eq!(base.hash(), Config { origin: None, ..parse("# a comment").unwrap() }.hash());
    assert_ne!(base.hash(), parse("[alarm]\nstale_after_s = 11").unwrap().hash());
    let mut secret = base.clone();
    secret.mqtt.password = Some(Secret::new("x"));
    assert_eq!(base.hash(), secret.hash());
}

#[test]
fn the_description_holds_every_value_and_can_be_read_back() {
    let text = "[person]\ntime_zone = \"UTC\"\n[model]\npath = \"/m\\\"odel\"\n[mqtt]\nusername = \"u\"\nport = 8883\n\
                ca_file = \"/ca\"\nclient_certificate_file = \"/crt\"\nclient_key_file = \"/key\"\n\
                [sensor.replay]\nfile = \"n.edf\"\n[sensor.bluetooth]\naddress = \"C0:FF:EE:00:00:01\"\nname = \"CrampLeg\"\n\
                [sensor.bluetooth.acceleration]\nprofile = \"polar-h10\"\naddress = \"C0:FF:EE:00:00:02\"\nname = \"Polar H10 1\"\n[detection]\nenter_probability = 0.25\n\
                [alarm]\nquiet_from = \"06:30\"\nquiet_until = \"7:00\"\nbed_presence_topic = \"bed/left\"\n\
                reminders = [\"21:30 Stretch\"]";
    let config = parse(text).unwrap();
    let description = config.describe();
    assert_eq!(parse(&description).unwrap(), config, "{description}");
    for (section, keys) in KEYS {
        assert!(description.contains(&format!("\n[{section}]\n")), "{section}");
        for key in keys.iter().filter(|key| !key.ends_with("password_file")) {
            assert!(description.contains(&format!("\n{key} = ")), "{key}");
        }
    }
}

#[test]
fn files_are_searched_in_order_and_a_named_one_must_exist() {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment::new([("XDG_CONFIG_HOME", folder.path())]);
    assert_eq!(Config::load_in(None, &environment).unwrap(), Config::defaults_in(&environment));
    let path = folder.path().join("crampwatch/crampwatch.toml");
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "[leg]\nside = \"right\"").unwrap();
    let config = Config::load_in(None, &environment).unwrap();
    assert_eq!((config.leg.side, config.origin), (crate::store::Side::Right, Some(path)));

    let message = Config::load(Some(Path::new("/does/not/exist.toml"))).unwrap_err().to_string();
    assert!(message.contains("/does/not/exist.toml") && message.contains("copy crampwatch.example.toml"), "{message}");
    assert!(matches!(Config::load(Some(folder.path())), Err(ConfigError::Unreadable { .. })));
    let binary = folder.path().join("binary.toml");
    std::fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
    assert!(Config::load(Some(&binary)).unwrap_err().to_string().contains("UTF-8"));
}

#[rstest]
#[case(&[("STATE_DIRECTORY", "/var/lib/a:/var/lib/b"), ("HOME", "/h")], "/var/lib/a")]
#[case(&[("XDG_DATA_HOME", "/x"), ("HOME", "/h")], "/x/crampwatch")]
#[case(&[("XDG_DATA_HOME", "relative"), ("HOME", "/h")], "/h/.local/share/crampwatch")]
#[case(&[], "/var/lib/crampwatch")]
fn the_data_folder_follows_the_environment(#[case] variables: &[(&str, &str)], #[case] folder: &str) {
    let environment = Environment::new(variables.iter().copied());
    assert_eq!(Config::defaults_in(&environment).storage.data_dir, PathBuf::from(folder));
}

proptest! {
    #[test]
    fn any_text_gives_a_configuration_or_an_error(text in "\\PC{0,60}|(\\[[a-z.]{1,9}\\]\n)?[a-z_]{1,9} ?= ?[\"ä0-9a-z.]{0,6}") {
        if let Err(error) = parse(&text) {
            prop_assert!(error.to_string().len() < 2000);
        }
    }
}
