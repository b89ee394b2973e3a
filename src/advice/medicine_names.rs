//! Usual names of medicines and the classes that they belong to: few people know their tablets by class.

use std::collections::BTreeSet;

use super::MedicineClass;

/// Names as they stand on packages, in lower case: substances (INN) and some well-known brands.
const NAMES: [(&[&str], MedicineClass); 16] = [
    (
        &[
            "ramipril",
            "lisinopril",
            "enalapril",
            "perindopril",
            "captopril",
            "benazepril",
            "quinapril",
            "fosinopril",
            "trandolapril",
        ],
        MedicineClass::AceInhibitor,
    ),
    (
        &["losartan", "candesartan", "valsartan", "irbesartan", "olmesartan", "telmisartan", "entresto"],
        MedicineClass::AngiotensinReceptorBlocker,
    ),
    (
        &["spironolactone", "eplerenone", "amiloride", "triamterene", "finerenone", "aldactone"],
        MedicineClass::PotassiumSparingDiuretic,
    ),
    (
        &[
            "hct",
            "hctz",
            "hydrochlorothiazide",
            "indapamide",
            "chlortalidone",
            "chlorthalidone",
            "bendroflumethiazide",
            "xipamide",
            "metolazone",
        ],
        MedicineClass::Thiazide,
    ),
    (&["furosemide", "frusemide", "torasemide", "torsemide", "bumetanide", "lasix"], MedicineClass::LoopDiuretic),
    (
        &["warfarin", "phenprocoumon", "marcumar", "falithrom", "acenocoumarol", "sintrom", "coumadin"],
        MedicineClass::VitaminKAntagonist,
    ),
    (&["salmeterol", "formoterol", "vilanterol", "indacaterol", "olodaterol"], MedicineClass::LongActingBetaAgonist),
    (
        &["simvastatin", "atorvastatin", "rosuvastatin", "pravastatin", "fluvastatin", "lovastatin", "pitavastatin"],
        MedicineClass::Statin,
    ),
    (&["sertraline", "citalopram", "fluoxetine", "escitalopram", "paroxetine", "fluvoxamine"], MedicineClass::Ssri),
    (
        &["omeprazole", "pantoprazole", "esomeprazole", "lansoprazole", "rabeprazole", "ppi"],
        MedicineClass::ProtonPumpInhibitor,
    ),
    (&["quinine", "limptar", "qualaquin"], MedicineClass::Quinine),
    (&["levothyroxine", "thyroxine", "euthyrox", "synthroid"], MedicineClass::Levothyroxine),
    (
        &[
            "doxycycline",
            "minocycline",
            "tetracycline",
            "ciprofloxacin",
            "levofloxacin",
            "moxifloxacin",
            "norfloxacin",
            "nitrofurantoin",
        ],
        MedicineClass::ChelatedAntibiotic,
    ),
    (
        &["alendronate", "alendronic", "risedronate", "risedronic", "ibandronate", "ibandronic", "fosamax"],
        MedicineClass::Bisphosphonate,
    ),
    (&["iron", "ferrous", "ferric"], MedicineClass::Iron),
    (
        &["raloxifene", "oestradiol", "estradiol", "naproxen", "teriparatide", "donepezil", "nifedipine"],
        MedicineClass::OtherAssociated,
    ),
];

/// All usual names.
pub fn medicine_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().flat_map(|(names, _)| names.iter().copied())
}

/// The classes of what was written: whole words only, so that `Ramipril 5 mg` has one and `ramipril/HCT` has two. Empty
/// where nothing is known, which does not mean that the medicine is of no class.
pub fn medicine_classes(text: &str) -> BTreeSet<MedicineClass> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let of_names = NAMES.iter().filter(|(names, _)| words.iter().any(|word| names.contains(word)));
    let of_class = MedicineClass::parse(&words.join("_"));
    of_names.map(|(_, class)| *class).chain(of_class).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_packages_have_their_classes() {
        for (text, classes) in [
            ("warfarin", vec![MedicineClass::VitaminKAntagonist]),
            ("Marcumar", vec![MedicineClass::VitaminKAntagonist]),
            ("Ramipril 5 mg", vec![MedicineClass::AceInhibitor]),
            ("ramipril/HCT", vec![MedicineClass::AceInhibitor, MedicineClass::Thiazide]),
            ("L-Thyroxine 75", vec![MedicineClass::Levothyroxine]),
            ("ACE inhibitor", vec![MedicineClass::AceInhibitor]),
            ("environ", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(medicine_classes(text).into_iter().collect::<Vec<_>>(), classes, "{text}");
        }
    }

    #[test]
    fn every_class_is_named_and_no_name_is_of_two_classes() {
        let classes: BTreeSet<MedicineClass> = NAMES.iter().map(|(_, class)| *class).collect();
        assert_eq!(classes, MedicineClass::ALL.into_iter().collect());
        for name in medicine_names() {
            assert_eq!(medicine_classes(name).len(), 1, "{name}");
        }
    }
}
