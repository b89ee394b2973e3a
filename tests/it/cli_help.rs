//! What `--help` of each command says, and that its examples are there.

use rstest::rstest;

use crate::front_door::{assert_stored, crampwatch_in};

#[rstest]
#[case("score")]
#[case("simulate")]
#[case("log")]
#[case("log water")]
#[case("log food")]
#[case("log drink")]
#[case("log supplement")]
#[case("log exercise")]
#[case("log relief")]
#[case("log preset")]
#[case("log undo")]
#[case("log list")]
#[case("log edit")]
#[case("log check-in")]
#[case("log own-food")]
#[case("log recipe")]
#[case("import")]
#[case("export")]
#[case("export diary")]
#[case("person")]
#[case("label")]
#[case("advice")]
#[case("calibrate")]
#[case("trial")]
#[case("mqtt")]
#[case("mqtt discovery")]
#[case("firmware-config")]
#[case("doctor")]
#[case("check-config")]
fn help_shows_examples(#[case] command: &str) {
    let folder = tempfile::tempdir().unwrap();
    let ran = crampwatch_in(folder.path(), command.split(' ').chain(["--help"]));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains(&format!("Examples:\n  crampwatch {command}")), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 120), "{}", ran.out);
    assert_stored!(format!("help_{}", command.replace(' ', "_")), ran.out);
}
