//! The diary through the front door: log, undo, edit, presets, check-in, import, export, person.

use std::fs;
use std::path::Path;

use rstest::rstest;
use tempfile::TempDir;

use crate::front_door::{Ran, crampwatch_in};

pub(crate) fn home() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path());
    folder
}

fn configure(folder: &Path) {
    let config = "[person]\ntime_zone = \"UTC\"\n[storage]\ndata_dir = \"data\"\n";
    fs::write(folder.join("crampwatch.toml"), config).unwrap();
}

pub(crate) fn run(folder: &TempDir, arguments: &[&str]) -> Ran {
    crampwatch_in(folder.path(), arguments)
}

/// Runs what must succeed, and gives what it said.
pub(crate) fn done(folder: &TempDir, arguments: &[&str]) -> String {
    let ran = run(folder, arguments);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}: {ran:?}");
    ran.out
}

/// The id of the listed entry whose line has `part` in it.
fn id_of(folder: &TempDir, part: &str) -> String {
    let list = done(folder, &["log", "list"]);
    let line = list
        .split_inclusive('\n')
        .find(|line| line.contains(part))
        .unwrap_or_else(|| panic!("{part:?} is not in {list}"));
    line.split_whitespace().next().unwrap().to_owned()
}

#[rstest]
#[case(&["food", "spinach, raw", "100g"], "100 g Spinach, raw", "magnesium 79.0 mg")]
#[case(&["food", "banana medium"], "1 medium", "potassium 422 mg")]
#[case(&["food", "bread", "2", "slices"], "2 slice Bread, white", "sodium")]
#[case(&["drink", "wine", "150ml", "--abv", "13"], "150 ml wine, 13 %", "alcohol 15.4 g")]
#[case(&["drink", "coffee", "1", "cup"], "1 cup coffee", "caffeine")]
#[case(&["food", "coffee", "200ml"], "200 ml coffee", "caffeine 90.0 mg")]
#[case(&["drink", "water", "200ml"], "200 ml water at", "for me")]
#[case(&["supplement", "magnesium citrate", "300mg"], "300 mg magnesium citrate", "magnesium 48.5 mg")]
#[case(&["supplement", "magnesium citrate", "100mg", "--elemental"], "(elemental)", "magnesium 100 mg")]
#[case(&["supplement", "vitamin D", "800IU"], "800 IU vitamin D", "vitamin D 20.0 µg")]
#[case(&["exercise", "45min", "hard"], "hard exercise 45 min", "for me")]
#[case(&["stretch", "3min", "--note", "both legs"], "stretch 3 min (both legs)", "for me")]
#[case(&["standing", "3h"], "standing 3 h", "for me")]
#[case(&["heat", "no"], "heat no", "for me")]
#[case(&["medicine", "furosemide"], "medicine (furosemide)", "for me")]
#[case(&["note", "slept \u{1b}[31mbadly"], "note: slept  [31mbadly", "for me")]
#[case(&["sweat", "--at", "2025-01-02 9:05"], "sweat at 2025-01-02 09:05", "for me")]
#[case(&["note", "slept", "badly"], "note: slept badly", "for me")]
#[case(&["relief", "stood on it", "worked"], "relief stood on it: worked", "for me")]
#[case(&["sweat", "--at", "2025-01-02 21:00"], "sweat at 2025-01-02 21:00", "for me")]
fn what_was_taken_and_done_is_logged_as_people_say_it(
    #[case] arguments: &[&str],
    #[case] logged: &str,
    #[case] brings: &str,
) {
    let folder = home();
    let out = done(&folder, &[&["log"], arguments].concat());
    assert!(out.starts_with("logged: ") && out.contains(logged) && out.contains(brings), "{out}");
}

#[rstest]
#[case::typing_error(&["food", "spinich", "100g"], &["\"spinich\"", "Spinach, raw"])]
#[case::unknown_food(&["food", "xqzzy", "100g"], &["xqzzy", "expected one that is known"])]
#[case::no_amount(&["food", "banana"], &["no amount", "medium"])]
#[case::milligrams(&["food", "300mg", "water"], &["300 mg", "log supplement"])]
#[case::too_much(&["food", "spinach", "40", "l"], &["40 l", "check the unit"])]
#[case::negative(&["food", "spinach", "-5g"], &["negative amount", "above zero"])]
#[case::negative_water(&["water", "-250ml"], &["negative amount", "above zero"])]
#[case::comma(&["food", "spinach", "1,500g"], &["1500", "1.500"])]
#[case::future(&["food", "spinach", "100g", "--at", "2999-01-01 10:00"], &["after now", "check the date"])]
#[case::drink(&["drink", "wne", "150ml"], &["\"wne\"", "\n  wine\n"])]
#[case::drink_mass(&["drink", "wine", "300mg"], &["a mass", "250ml"])]
#[case::no_volume(&["drink", "wine"], &["no volume", "150 ml"])]
#[case::abv(&["drink", "wine", "150ml", "--abv", "130"], &["130", "0 to 96"])]
#[case::supplement(&["supplement", "magnesum citrate", "300mg"], &["did you mean magnesium citrate"])]
#[case::length(&["exercise"], &["how long", "45min"])]
#[case::volume_of_exercise(&["exercise", "45ml"], &["a volume", "45min"])]
#[case::outcome(&["relief", "stood on it", "great"], &["\"great\"", "worked, helped"])]
#[case::episode(&["relief", "stood on it", "worked", "--episode", "last"], &["0 episodes", "label --list"])]
#[case::kind(&["lava", "250ml"], &["expected water", "log food"])]
#[case::kind_near(&["strech", "3min"], &["stretch"])]
#[case::edit(&["edit", "abcdef", "--amount", "2g"], &["no entry", "log list"])]
#[case::edit_nothing(&["edit", "abcdef"], &["nothing to change"])]
#[case::preset(&["preset", "breakfast"], &["\"breakfast\"", "none yet"])]
#[case::preset_line(&["preset", "save", "b", "food spinich 100g"], &["food spinich 100g", "Spinach, raw"])]
#[case::preset_kind(&["preset", "save", "b", "lava 3"], &["lava", "expected water"])]
#[case::answers(&["check-in", "--answers", "alcool=no"], &["did you mean alcohol?"])]
#[case::answer(&["check-in", "--answers", "heat=maybe"], &["maybe", "y or n"])]
#[case::answered_twice(&["check-in", "--answers", "alcohol=no,alcohol=yes"], &["two answers to alcohol"])]
#[case::no_volume_of_a_drink(&["food", "coffee"], &["no volume", "cup"])]
#[case::nutrient(&["own-food", "muesli", "magnesum=3mg"], &["did you mean magnesium?"])]
#[case::more_than_all(&["own-food", "muesli", "magnesium=300g"], &["magnesium", "check the unit"])]
#[case::part(&["recipe", "soup", "spinich 100g"], &["spinich 100g", "Spinach, raw"])]
fn what_cannot_be_meant_is_refused_with_suggestions_and_nothing_is_written(
    #[case] arguments: &[&str],
    #[case] says: &[&str],
) {
    let folder = home();
    let ran = run(&folder, &[&["log"], arguments].concat());
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    for word in says {
        assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
    }
    assert!(!folder.path().join("data").exists(), "nothing is written");
}

#[test]
fn entries_are_listed_edited_and_taken_back_one_command_at_a_time() {
    let folder = home();
    done(&folder, &["log", "water", "250ml"]);
    done(&folder, &["log", "food", "spinach, raw", "100g"]);
    done(&folder, &["log", "drink", "wine", "150ml", "--abv", "13"]);
    let list = done(&folder, &["log", "list"]);
    assert!(list.contains("water 250 ml, magnesium ") && list.contains("alcohol 15.4 g"), "{list}");

    let changed =
        done(&folder, &["log", "edit", &id_of(&folder, "Spinach"), "--amount", "200g", "--note", "with lemon"]);
    assert!(changed.contains("changed: 200 g Spinach, raw (with lemon)"), "{changed}");
    assert!(changed.contains("before: 100 g Spinach, raw\n"), "{changed}");
    done(&folder, &["log", "edit", &id_of(&folder, "wine"), "--amount", "300ml"]);
    let list = done(&folder, &["log", "list"]);
    assert!(list.contains("alcohol 30.8 g"), "the strength stays: {list}");
    done(&folder, &["log", "edit", &id_of(&folder, "ml water\n"), "--at", "2025-01-02 12:00", "--amount", "1 l"]);
    assert!(done(&folder, &["log", "list", "--day", "2025-01-02"]).contains("water 1000 ml"));

    let undone: Vec<String> = (0..4).map(|_| done(&folder, &["log", "undo"])).collect();
    assert!(undone[0].contains("1 l water") && undone[0].contains("earlier form is back"), "{undone:?}");
    assert!(undone[1].contains("300 ml wine") && undone[2].contains("200 g Spinach"), "{undone:?}");
    assert!(undone[3].contains("150 ml wine") && !undone[3].contains("earlier"), "{undone:?}");
    let list = done(&folder, &["log", "list"]);
    assert!(list.contains("250 ml water") && list.contains("100 g Spinach, raw\n") && !list.contains("wine"), "{list}");
    done(&folder, &["log", "undo"]);
    done(&folder, &["log", "undo"]);
    assert_eq!(done(&folder, &["log", "undo"]), "nothing to take back\n");
}

#[test]
fn a_preset_is_logged_and_taken_back_as_a_whole() {
    let folder = home();
    let saved = done(
        &folder,
        &["log", "preset", "save", "breakfast", "food 'oats' 50g", "drink coffee 200ml", "water 1 glass"],
    );
    assert!(saved.contains("50 g Oats") && saved.contains("1 glass water"), "{saved}");
    assert!(done(&folder, &["log", "list"]).contains("nothing logged"), "saving logs nothing");
    let logged = done(&folder, &["log", "preset", "Breakfast", "--at", "2025-01-02 08:00"]);
    assert_eq!(logged.matches("at 2025-01-02 08:00").count(), 3, "{logged}");
    assert!(done(&folder, &["log", "list", "--day", "2025-01-02"]).contains("water 200 ml"));
    assert!(done(&folder, &["log", "preset", "list"]).starts_with("breakfast: food 'oats' 50g + "));
    assert_eq!(done(&folder, &["log", "undo"]).lines().count(), 3);
    assert!(done(&folder, &["log", "list", "--day", "2025-01-02"]).contains("nothing logged"));
}

#[test]
fn the_evenings_answers_are_kept_and_do_not_repeat_what_was_logged() {
    let folder = home();
    done(&folder, &["log", "stretch", "3min"]);
    let out =
        done(&folder, &["log", "check-in", "--answers", "alcohol=no,exercise=yes,stretch=yes,heat=no,standing=2h"]);
    assert_eq!(
        out,
        "logged: no alcohol\nlogged: exercise yes\nlogged: heat no\nlogged: standing 120 min\n1 answered by what was logged before\n"
    );
    let again = done(&folder, &["log", "check-in", "--answers", "alcohol=no,exercise=yes,heat=no,standing=2h"]);
    assert_eq!(again, "4 answered by what was logged before\n");
    // No input: nothing is asked twice and nothing is logged.
    assert!(done(&folder, &["log", "check-in"]).ends_with("nothing answered, nothing logged\n"));
}

#[test]
fn own_foods_and_recipes_are_known_by_their_names() {
    let folder = home();
    let kept =
        done(&folder, &["log", "own-food", "my muesli", "--portion", "bowl=60g", "magnesium=120mg", "vitamin_d=40IU"]);
    assert!(kept.contains("magnesium 120 mg, vitamin D 1.00 µg") && kept.contains("not known: energy"), "{kept}");
    let logged = done(&folder, &["log", "food", "my muesli", "2", "bowls"]);
    assert!(logged.contains("2 bowl my muesli") && logged.contains("magnesium 144 mg"), "{logged}");
    assert!(logged.contains("not known: potassium, calcium, sodium"), "{logged}");
    done(&folder, &["log", "recipe", "green soup", "spinach, raw 400g", "my muesli 100g", "--makes", "1kg"]);
    let logged = done(&folder, &["log", "food", "green soup", "500g"]);
    assert!(logged.contains("magnesium 218 mg") && logged.contains("not known: potassium"), "{logged}");
}

const CRONOMETER: &str = "Date,Energy (kcal),Water (g),Magnesium (mg),Vitamin D (IU)\n2025-11-20,2100,2400,310,800\n\
                          2025-11-21,1900,2100,,400\n";

#[test]
fn cronometers_export_is_imported_once_and_a_changed_day_replaces_itself() {
    let folder = home();
    let file = folder.path().join("daily.csv");
    fs::write(&file, CRONOMETER).unwrap();
    assert!(done(&folder, &["import", "daily.csv"]).starts_with("imported for me: 2 new, 0 replaced, 0 there already"));
    assert!(done(&folder, &["import", "daily.csv"]).starts_with("imported for me: 0 new, 0 replaced, 2 there already"));
    fs::write(&file, CRONOMETER.replace("310", "320")).unwrap();
    assert!(done(&folder, &["import", "daily.csv"]).starts_with("imported for me: 0 new, 1 replaced, 1 there already"));
    assert!(done(&folder, &["log", "list", "--day", "2025-11-20"]).contains("magnesium 320 mg"));
    assert!(done(&folder, &["log", "undo"]).contains("earlier form is back"));
    assert!(done(&folder, &["log", "list", "--day", "2025-11-20"]).contains("magnesium 310 mg"));
}

#[test]
fn what_is_exported_is_imported_elsewhere_as_it_was() {
    let folder = home();
    done(&folder, &["log", "own-food", "my muesli", "--portion", "bowl=60g", "magnesium=120mg"]);
    for arguments in [
        ["water", "1.5 glasses"].as_slice(),
        &["food", "my muesli bowl", "--note", "with \"milk\", cold"],
        &["food", "banana medium"],
        &["drink", "wine", "150ml"],
        &["supplement", "vitamin D", "800IU"],
        &["stretch", "3min"],
        &["exercise", "yes"],
        &["standing", "no"],
        &["heat", "no"],
        &["medicine", "furosemide"],
        &["relief", "stood on it", "helped"],
        &["note", "slept badly"],
    ] {
        done(&folder, &[&["log"], arguments, &["--at", "2025-01-02 22:00"]].concat());
    }
    assert_eq!(done(&folder, &["export", "diary", "--out", "diary.csv"]), "wrote 12 entries to diary.csv\n");
    assert!(done(&folder, &["import", "diary.csv"]).contains("0 new, 0 replaced, 12 there already"));
    let other = home();
    fs::copy(folder.path().join("diary.csv"), other.path().join("diary.csv")).unwrap();
    assert!(done(&other, &["import", "diary.csv"]).contains("12 new, 0 replaced, 0 there already"));
    let list = |folder| done(folder, &["log", "list", "--day", "2025-01-02"]);
    assert_eq!(list(&folder), list(&other));
}

#[test]
fn an_export_replaces_no_file_unless_told_and_never_the_diary_or_its_configuration() {
    let folder = home();
    done(&folder, &["log", "water", "250ml"]);
    let path = |name: &str| folder.path().join(name);
    fs::write(path("diary.csv"), "mine").unwrap();
    fs::write(path("diary.tmp"), "mine too").unwrap();
    let database = fs::read(path("data/crampwatch.db")).unwrap();
    let config = fs::read(path("crampwatch.toml")).unwrap();
    for (out, says) in [
        ("diary.csv", "--force"),
        ("data/crampwatch.db", "data folder"),
        ("data/../data/diary.csv", "data folder"),
        ("./crampwatch.toml", "configuration file"),
    ] {
        let forced: &[&[&str]] = if out == "diary.csv" { &[&[]] } else { &[&[], &["--force"]] };
        for force in forced {
            let ran = run(&folder, &[&["export", "diary", "--out", out], *force].concat());
            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
            assert!(ran.err.contains(says) && ran.err.contains("nothing was written"), "{}", ran.err);
        }
    }
    assert_eq!(fs::read(path("data/crampwatch.db")).unwrap(), database);
    assert_eq!(fs::read(path("crampwatch.toml")).unwrap(), config);
    assert_eq!(fs::read_to_string(path("diary.csv")).unwrap(), "mine");
    done(&folder, &["export", "diary", "--out", "diary.csv", "--force"]);
    assert!(fs::read_to_string(path("diary.csv")).unwrap().starts_with("id,date,"));
    assert_eq!(fs::read_to_string(path("diary.tmp")).unwrap(), "mine too");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(path("diary.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_nobody_takes_is_refused_when_an_entry_is_changed() {
    let folder = home();
    done(&folder, &["log", "supplement", "magnesium", "300mg"]);
    done(&folder, &["log", "drink", "wine", "150ml"]);
    for (part, amount, says) in [("mg magnesium", "2000g", "at most 5000 mg"), ("ml wine", "-5ml", "above zero")] {
        let id = id_of(&folder, part);
        let ran = run(&folder, &["log", "edit", &id, &format!("--amount={amount}")]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        assert!(ran.err.contains(says), "{}", ran.err);
    }
    let list = done(&folder, &["log", "list"]);
    assert!(list.contains("300 mg magnesium") && list.contains("150 ml wine"), "{list}");
}

#[test]
fn a_plain_file_of_ones_own_is_read_whole_or_not_at_all() {
    let folder = home();
    let rows = "date;time;kind;name;amount;unit;note\n2025-11-20;22:10;water;;250;ml;warm\n\
                2025-11-20;08:00;food;spinach, raw;100;g;\n2025-11-20;;Hard exercise;;45;min;\n";
    fs::write(folder.path().join("good.csv"), rows).unwrap();
    fs::write(folder.path().join("bad.csv"), format!("{rows}2025-11-20;08:00;food;spinich;100;g;\n")).unwrap();
    let ran = run(&folder, &["import", "bad.csv"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    for word in ["bad.csv: line 5", "spinich", "Spinach, raw", "nothing was taken"] {
        assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
    }
    assert!(!folder.path().join("data").exists());
    assert!(done(&folder, &["import", "good.csv"]).contains("3 new"));
    assert!(done(&folder, &["import", "good.csv"]).contains("0 new, 0 replaced, 3 there already"));
    let rows = "date,time,kind,name,amount,unit,note\n2025-11-19,9:05,drink,water,200,ml,\u{1b}[2Jmine\n";
    fs::write(folder.path().join("early.csv"), rows).unwrap();
    assert!(done(&folder, &["import", "early.csv"]).contains("1 new"));
    let list = done(&folder, &["log", "list", "--day", "2025-11-19"]);
    assert!(list.contains("09:05  200 ml water ( [2Jmine)") && list.contains("· water 200 ml"), "{list}");
    let list = done(&folder, &["log", "list", "--day", "2025-11-20"]);
    assert!(list.contains("22:10  250 ml water (warm)") && list.contains("12:00  hard exercise 45 min"), "{list}");
}

#[rstest]
#[case::columns(b"day,mg\n2025-11-20,3\n".to_vec(), &["\"day\", \"mg\"", "Magnesium (mg)", "date and kind"])]
#[case::utf_16(vec![0xff, 0xfe, b'D', 0, b'a', 0], &["UTF-16", "CSV UTF-8", "iconv"])]
#[case::latin_1(b"Date,Magnesium (mg),Note\n2025-11-20,3,caf\xe9\n".to_vec(), &["line 2", "UTF-8"])]
#[case::empty(Vec::new(), &["empty file"])]
#[case::no_row(b"Date,Magnesium (mg)\n".to_vec(), &["no row"])]
#[case::negative(b"Date,Magnesium (mg)\n2025-11-20,-3\n".to_vec(), &["line 2, Magnesium (mg)", "\"-3\""])]
#[case::future(b"date,kind,note\n2999-01-01,note,x\n".to_vec(), &["2999-01-01", "not after today"])]
#[case::too_much(b"date,kind,name,magnesium_mg\n2025-11-20,food,oats,90000\n".to_vec(), &["line 2, magnesium_mg", "5000 mg"])]
#[case::alcohol(b"date,kind,name,alcohol_g\n2025-11-20,drink,wine,99999\n".to_vec(), &["line 2, alcohol_g", "1000 g"])]
#[case::volume(b"date,kind,name,amount,unit,water_ml\n2025-11-20,drink,tea,9999,l,200\n".to_vec(), &["line 2", "5 l"])]
#[case::below_zero(b"date,kind,name,amount,unit,water_ml\n2025-11-20,drink,tea,-5,ml,200\n".to_vec(), &["line 2", "above zero"])]
#[case::no_slices(b"date,kind,name,amount,unit,water_ml\n2025-11-20,food,bread,-5,slice,20\n".to_vec(), &["line 2", "above zero"])]
#[case::short(b"date,kind,note\n2025-11-20,note\n".to_vec(), &["line 2", "2 fields for 3 columns"])]
fn files_that_cannot_be_meant_are_refused_and_nothing_is_written(#[case] bytes: Vec<u8>, #[case] says: &[&str]) {
    let folder = home();
    fs::write(folder.path().join("file.csv"), bytes).unwrap();
    let ran = run(&folder, &["import", "file.csv"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    for word in says {
        assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
    }
    assert!(!folder.path().join("data").exists());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let ran = run(&home(), &["import", "nowhere.csv"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("nowhere.csv") && ran.err.contains("can read"), "{}", ran.err);
}

#[test]
fn a_person_says_what_they_like_and_none_is_not_unknown() {
    let folder = home();
    let shown = done(&folder, &["person"]);
    assert_eq!(shown.matches("unknown").count(), 6, "{shown}");
    assert!(!folder.path().join("data").exists());
    let set = [
        "--birth-year",
        "1961",
        "--sex",
        "female",
        "--life-state",
        "neither",
        "--weight",
        "70kg",
        "--conditions",
        "none",
    ];
    done(&folder, &[&["person", "set"], set.as_slice(), &["--medicines", "statin,ace inhibitor"]].concat());
    let shown = done(&folder, &["person", "set", "--weight", "unknown"]);
    for line in [
        "birth year  1961",
        "sex         female",
        "weight      unknown",
        "conditions  none",
        "medicines   ace_inhibitor, statin",
    ] {
        assert!(shown.contains(line), "{line:?} is not in {shown}");
    }
}

#[test]
fn medicines_are_known_by_their_names_and_a_logged_one_points_at_the_profile() {
    let folder = home();
    let hint =
        "not in your profile, which the advice goes by; if you take it for long: crampwatch person set --medicines ";
    let logged = done(&folder, &["log", "medicine", "Marcumar", "3mg"]);
    assert!(logged.contains(&format!("{hint}vitamin_k_antagonist\n")), "{logged}");
    let shown = done(&folder, &["person", "set", "--medicines", "warfarin,Ramipril/HCT"]);
    assert!(shown.contains("medicines   ace_inhibitor, thiazide, vitamin_k_antagonist"), "{shown}");
    assert!(!done(&folder, &["log", "medicine", "Marcumar"]).contains("profile"));
    assert!(!done(&folder, &["log", "medicine", "my own powder"]).contains("profile"));
    let logged = done(&folder, &["log", "medicine", "simvastatin"]);
    assert!(logged.contains(&format!("{hint}ace_inhibitor,thiazide,vitamin_k_antagonist,statin\n")), "{logged}");
}

#[rstest]
#[case(&["--conditions", "kidney"], "did you mean kidney_disease?")]
#[case(&["--medicines", "statn"], "did you mean statin?")]
#[case(&["--medicines", "warfrin"], "did you mean warfarin?")]
#[case(&["--medicines", "xyzzyx"], "such as warfarin")]
#[case(&["--sex", "male", "--life-state", "pregnant"], "correct it")]
#[case(&["--medicines", "none,statin"], "\"none\"")]
#[case(&["--sex", "femal"], "did you mean female?")]
#[case(&["--weight", "700kg"], "20 to 400 kg")]
#[case(&["--weight", "70"], "such as 70kg")]
#[case(&["--birth-year", "1066"], "1066")]
#[case(&["--life-state", "happy"], "neither, pregnant, lactating")]
fn what_nobody_can_be_is_refused_with_the_words_that_are_known(#[case] arguments: &[&str], #[case] says: &str) {
    let folder = home();
    let ran = run(&folder, &[&["person", "set"], arguments].concat());
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.err.contains(says), "{}", ran.err);
    assert!(!folder.path().join("data").exists());
}
