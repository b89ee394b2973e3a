//! A year of one person, for tests and for the benchmark of the advice.

use std::path::Path;

use crampwatch::diary::{Entry, EntryKind, Exposure, Nutrient, Nutrients};
use crampwatch::store::{EpisodeRow, NightRow, Side, Store};
use crampwatch::units::UtcMicros;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

/// A year of nights up to yesterday: a cramp in three of four nights after wine, in one of seven otherwise; wine on every third day,
/// 27 entries a day.
pub(crate) fn fill_a_year(data: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let today: Date = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let at = |day: Date, hour: i8, minute: i8| {
        UtcMicros::from_timestamp(day.at(hour, minute, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp())
    };
    runtime.block_on(async {
        let store = Store::open(data).await.unwrap();
        store.ensure_leg("me", Side::Left).await.unwrap();
        let mut entries = Vec::new();
        let mut day = today;
        for number in 0..366_u32 {
            day = day.yesterday().unwrap();
            let wine = number % 3 == 0;
            let cramp = if wine { number % 4 != 0 } else { number % 7 == 0 };
            let noon = at(day, 12, 30);
            for piece in 0..24 {
                let mut food = Entry::new(EntryKind::Food, &format!("food {piece}"), noon, noon);
                food.brings = Some(
                    Nutrients::none_of_any().with(Nutrient::Energy, Some(80.0)).with(Nutrient::Magnesium, Some(9.0)),
                );
                entries.push(food);
            }
            let mut drink =
                Entry::new(EntryKind::Drink, if wine { "wine" } else { "tea" }, at(day, 19, 0), at(day, 19, 0));
            let alcohol = if wine { 15.0 } else { 0.0 };
            drink.amount_ml = Some(150.0);
            drink.brings = Some(Nutrients::none_of_any().with(Nutrient::Alcohol, Some(alcohol)));
            entries.push(drink);
            let stress = f64::from(u8::from(number % 5 == 0));
            entries.push(Entry::of_exposure(Exposure::Stress, stress, at(day, 20, 0), at(day, 20, 0)));
            let started_at = at(day, 23, 0);
            let night = NightRow {
                leg: "me_left".to_owned(),
                night: day,
                time_zone: "UTC".to_owned(),
                started_at,
                ended_at: started_at.plus_seconds(25_200.0),
                first_worn_at: Some(started_at),
                monitored_s: 25_200.0,
                valid_s: 25_000.0,
                gap_count: 0,
                cramp_count: i64::from(cramp),
                closed: true,
            };
            store.save_night(&night).await.unwrap();
            if cramp {
                store.commit_episode(&episode(day, started_at.plus_seconds(7200.0)), &[]).await.unwrap();
            }
        }
        store.add_entries("me", &entries).await.unwrap();
        store.close().await;
    });
}

fn episode(night: Date, onset_at: UtcMicros) -> EpisodeRow {
    EpisodeRow {
        id: Uuid::now_v7(),
        person_id: "me".to_owned(),
        leg: "me_left".to_owned(),
        night,
        onset_at,
        suspected_at: onset_at,
        alarm_at: Some(onset_at.plus_seconds(6.0)),
        end_at: Some(onset_at.plus_seconds(80.0)),
        last_data_at: onset_at.plus_seconds(80.0),
        severity: Some("mild".to_owned()),
        probability: 0.9,
        peak_emg_rms_uv: 40.0,
        acc_rms_mg: None,
        reasons: Vec::new(),
        end_reason: Some("quiet".to_owned()),
        model_id: "m".to_owned(),
        model_sha256: "0".to_owned(),
        config_rev: 1,
        source: "simulated".to_owned(),
        label: None,
        acknowledged: false,
    }
}
