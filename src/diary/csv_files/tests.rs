use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::diary::{Entry, EntryKind, Exposure, Nutrient, Nutrients, Outcome};
use crate::units::UtcMicros;

fn now() -> jiff::Zoned {
    "2025-11-22T08:00:00+01:00[Europe/Berlin]".parse().unwrap()
}

const CRONOMETER: &str = "Date,Energy (kcal),Alcohol (g),Caffeine (mg),Water (g),B1 (Thiamine) (mg),B12 (Cobalamin) (µg),\
                          Vitamin D (IU),Vitamin K (µg),Magnesium (mg),Fiber (g),Completed\n\
                          2025-11-20,2100.5,0,95,2400,1.2,3.1,800,120,310,28,true\n\
                          2025-11-21,1900,14,,2100,1.1,2.9,400,90,,25,false\n";

fn cronometer(bytes: &[u8]) -> Result<Vec<Entry>, CsvError> {
    read_table(bytes).and_then(|table| read_cronometer(&table, &now()))
}

#[test]
fn cronometers_days_are_read_and_empty_cells_stay_unknown() {
    let days = cronometer(CRONOMETER.as_bytes()).unwrap();
    let get = |day: usize, nutrient| days[day].brings.unwrap().get(nutrient);
    assert_eq!(days.len(), 2);
    assert_eq!(get(0, Nutrient::VitaminD), Some(20.0));
    assert_eq!((get(0, Nutrient::Magnesium), get(1, Nutrient::Magnesium)), (Some(310.0), None));
    assert_eq!((get(1, Nutrient::Alcohol), get(1, Nutrient::Caffeine)), (Some(14.0), None));
    assert_eq!(get(0, Nutrient::VitaminK2), None);
    assert_eq!(days[0].at.to_rfc3339(), "2025-11-20T11:00:00.000+00:00");
    assert_ne!(days[0].import_key, days[1].import_key);
}

#[test]
fn a_byte_order_mark_semicolons_and_the_other_micro_sign_are_understood() {
    let text = format!("\u{feff}{}", CRONOMETER.replace(',', ";").replace('µ', "μ"));
    let plain = |entries: Vec<Entry>| entries.into_iter().map(|entry| (entry.at, entry.brings)).collect::<Vec<_>>();
    assert_eq!(plain(cronometer(text.as_bytes()).unwrap()), plain(cronometer(CRONOMETER.as_bytes()).unwrap()));
}

fn utf_16(text: &str, mark: bool) -> Vec<u8> {
    let mark: &[u8] = if mark { &[0xff, 0xfe] } else { &[] };
    mark.iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[rstest]
#[case::utf_16(utf_16(CRONOMETER, true), &["UTF-16", "iconv"])]
#[case::utf_16_without_mark(utf_16(CRONOMETER, false), &["UTF-16LE"])]
#[case::latin_1(b"Date,Magnesium (mg),B12 (\xb5g)\n2025-11-20,300,2\n".to_vec(), &["line 1", "UTF-8"])]
#[case::empty(b"\xef\xbb\xbf\n".to_vec(), &["empty"])]
#[case::columns(b"day,magnesium\n2025-11-20,3\n".to_vec(), &["\"day\"", "Magnesium (mg)", "kind"])]
#[case::future(b"Date,Magnesium (mg)\n2025-11-23,3\n".to_vec(), &["line 2", "2025-11-23", "not after today"])]
#[case::date(b"Date,Magnesium (mg)\n21.11.2025,3\n".to_vec(), &["21.11.2025", "2025-11-21"])]
#[case::negative(b"Date,Magnesium (mg)\n2025-11-20,-3\n".to_vec(), &["line 2, Magnesium (mg)", "zero or more"])]
#[case::comma(b"Date;Magnesium (mg)\n2025-11-20;1,500\n".to_vec(), &["1500", "1.500"])]
#[case::twice(b"Date,Magnesium (mg)\n2025-11-20,3\n2025-11-20,4\n".to_vec(), &["line 3", "each date once"])]
#[case::short(b"Date,Magnesium (mg)\n2025-11-20\n".to_vec(), &["line 2", "1 fields for 2 columns"])]
#[case::huge(b"Date,Magnesium (mg)\n2025-11-20,99999999\n".to_vec(), &["check the column's unit"])]
fn files_that_are_none_are_refused_with_their_line_and_what_to_do(#[case] bytes: Vec<u8>, #[case] says: &[&str]) {
    let message = cronometer(&bytes).unwrap_err().to_string();
    for word in says {
        assert!(message.contains(word), "{word:?} is not in {message}");
    }
}

#[test]
fn plain_rows_are_read_and_a_row_without_a_time_is_at_noon() {
    let text = "date,time,kind,name,amount,unit,note\n2025-11-20,22:10,water,,250,ml,warm\n\
                2025-11-20,,Hard exercise,,45,min,\n2025-11-22,,food,\"spinach, raw\",100,g,\n";
    let rows = read_table(text.as_bytes()).and_then(|table| read_generic(&table, &now())).unwrap();
    assert_eq!(
        (rows[0].kind, rows[0].amount.as_str(), rows[0].note.as_deref()),
        (EntryKind::Water, "250 ml", Some("warm"))
    );
    assert_eq!(rows[0].at.to_rfc3339(), "2025-11-20T21:10:00.000+00:00");
    assert_eq!((rows[1].kind, rows[1].name.as_str()), (EntryKind::Exposure, "hard_exercise"));
    assert_eq!(rows[1].at.to_rfc3339(), "2025-11-20T11:00:00.000+00:00");
    assert_eq!(rows[2].at.to_rfc3339(), "2025-11-22T07:00:00.000+00:00", "noon has not come yet");
}

#[rstest]
#[case("date,kind\n2025-11-20,fod\n", "did you mean food?")]
#[case("date,kind,time\n2025-11-20,note,25:00\n", "22:10")]
#[case("date,kind,name\n2025-11-20,exposure,juggling\n", "such as exercise")]
#[case("date,kind,outcome\n2025-11-20,relief,great\n", "worked, helped or no")]
#[case("date,name\n2025-11-20,oats\n", "date and kind")]
fn plain_rows_that_cannot_be_meant_are_refused(#[case] text: &str, #[case] says: &str) {
    let read = read_table(text.as_bytes()).and_then(|table| read_generic(&table, &now()));
    let message = read.unwrap_err().to_string();
    assert!(message.contains(says), "{message}");
}

#[test]
fn what_is_exported_is_read_back() {
    let at = UtcMicros(1_763_759_400_000_000);
    let brings = Nutrients::default().with(Nutrient::Magnesium, Some(31.86)).with(Nutrient::Alcohol, Some(0.0));
    let food = Entry {
        amount: Some(1.0),
        unit: Some("medium (7\" to 7-7/8\" long)".into()),
        brings: Some(brings),
        note: Some("a \"ripe\" one,\nwith a new line".into()),
        ..Entry::new(EntryKind::Food, "Bananas, raw", at, at)
    };
    let relief = Entry { outcome: Some(Outcome::Helped), ..Entry::new(EntryKind::Relief, "stood on it", at, at) };
    let entries = [
        food,
        relief,
        Entry { amount: Some(3.0), unit: Some("min".into()), ..Entry::of_exposure(Exposure::Stretch, 3.0, at, at) },
        Entry::of_exposure(Exposure::Heat, 0.0, at, at),
    ];
    let text = write_generic(&entries, now().time_zone()).unwrap();
    let rows = read_table(text.as_bytes()).and_then(|table| read_generic(&table, &now())).unwrap();
    for (row, entry) in rows.iter().zip(&entries) {
        assert_eq!((row.id, row.at, row.kind, &row.note), (Some(entry.id), entry.at, entry.kind, &entry.note));
        assert_eq!((row.brings, row.outcome, &row.name), (entry.brings, entry.outcome, &entry.name));
    }
    assert_eq!((rows[2].amount.as_str(), rows[3].amount.as_str()), ("3 min", "no"));
}

proptest! {
    #[test]
    fn any_bytes_give_rows_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(table) = read_table(&bytes) {
            prop_assert!(table.rows.iter().all(|(_, fields)| fields.len() == table.columns.len()));
            let _ = (read_cronometer(&table, &now()), read_generic(&table, &now()));
        }
    }

    #[test]
    fn any_row_gives_an_entry_or_an_error(date in "\\PC{0,12}|2025-1[01]-[0-3][0-9]", value in "\\PC{0,10}|[0-9.,]{0,8}") {
        let text = format!("Date;Magnesium (mg)\n\"{}\";\"{}\"\n", date.replace('"', ""), value.replace('"', ""));
        if let Ok(entries) = cronometer(text.as_bytes()) {
            prop_assert!(entries.iter().all(|entry| entry.at <= UtcMicros::from_timestamp(now().timestamp())));
        }
    }
}
