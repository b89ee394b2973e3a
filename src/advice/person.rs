//! What a person said about themselves. All of it may be missing; advice narrows then.

use std::collections::BTreeSet;

/// Sex as reference intakes divide it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Sex {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Female, Self::Male];

    /// The stored form: `female` or `male`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }

    /// Reads the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sex| sex.as_str() == text)
    }
}

/// Pregnancy and lactation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifeState {
    /// Neither.
    Neither,
    /// Pregnant.
    Pregnant,
    /// Breast-feeding.
    Lactating,
}

impl LifeState {
    /// All.
    pub const ALL: [Self; 3] = [Self::Neither, Self::Pregnant, Self::Lactating];

    /// The stored form: `neither`, `pregnant` or `lactating`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Neither => "neither",
            Self::Pregnant => "pregnant",
            Self::Lactating => "lactating",
        }
    }

    /// Reads the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Conditions that matter for safety.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// Chronic kidney disease of any stage.
    KidneyDisease,
    /// Dialysis.
    Dialysis,
    /// Heart failure, or a fluid restriction for another reason.
    HeartFailure,
    /// High blood pressure.
    Hypertension,
    /// Cirrhosis of the liver.
    Cirrhosis,
    /// Kidney stones, now or before.
    KidneyStones,
    /// Too much calcium in the blood, or sarcoidosis.
    Hypercalcaemia,
    /// Inappropriate antidiuresis or low blood sodium.
    LowSodium,
    /// Amyotrophic lateral sclerosis or another motor neuron disease.
    MotorNeuronDisease,
    /// Neuropathy, known.
    Neuropathy,
    /// Diabetes.
    Diabetes,
    /// Reflux disease.
    Reflux,
}

impl Condition {
    /// All.
    pub const ALL: [Self; 12] = [
        Self::KidneyDisease,
        Self::Dialysis,
        Self::HeartFailure,
        Self::Hypertension,
        Self::Cirrhosis,
        Self::KidneyStones,
        Self::Hypercalcaemia,
        Self::LowSodium,
        Self::MotorNeuronDisease,
        Self::Neuropathy,
        Self::Diabetes,
        Self::Reflux,
    ];

    /// The stored form, such as `kidney_disease`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KidneyDisease => "kidney_disease",
            Self::Dialysis => "dialysis",
            Self::HeartFailure => "heart_failure",
            Self::Hypertension => "hypertension",
            Self::Cirrhosis => "cirrhosis",
            Self::KidneyStones => "kidney_stones",
            Self::Hypercalcaemia => "hypercalcaemia",
            Self::LowSodium => "low_sodium",
            Self::MotorNeuronDisease => "motor_neuron_disease",
            Self::Neuropathy => "neuropathy",
            Self::Diabetes => "diabetes",
            Self::Reflux => "reflux",
        }
    }

    /// Reads the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.as_str() == text)
    }
}

/// Classes of medicines that matter for safety or are associated with cramps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MedicineClass {
    /// ACE inhibitor, such as ramipril.
    AceInhibitor,
    /// Angiotensin receptor blocker, such as losartan.
    AngiotensinReceptorBlocker,
    /// Potassium-sparing diuretic, such as spironolactone, eplerenone, amiloride or triamterene.
    PotassiumSparingDiuretic,
    /// Thiazide or thiazide-like diuretic.
    Thiazide,
    /// Loop diuretic, such as furosemide.
    LoopDiuretic,
    /// Warfarin or another vitamin K antagonist.
    VitaminKAntagonist,
    /// Long-acting beta agonist, inhaled.
    LongActingBetaAgonist,
    /// Statin.
    Statin,
    /// Selective serotonin reuptake inhibitor.
    Ssri,
    /// Proton pump inhibitor.
    ProtonPumpInhibitor,
    /// Quinine, also as tonic water taken for cramps.
    Quinine,
    /// Levothyroxine.
    Levothyroxine,
    /// Tetracycline or quinolone antibiotic, or nitrofurantoin.
    ChelatedAntibiotic,
    /// Bisphosphonate.
    Bisphosphonate,
    /// Iron tablets.
    Iron,
    /// Another that cramps are reported with: raloxifene, oestrogens, naproxen, teriparatide, donepezil, nifedipine…
    OtherAssociated,
}

impl MedicineClass {
    /// All.
    pub const ALL: [Self; 16] = [
        Self::AceInhibitor,
        Self::AngiotensinReceptorBlocker,
        Self::PotassiumSparingDiuretic,
        Self::Thiazide,
        Self::LoopDiuretic,
        Self::VitaminKAntagonist,
        Self::LongActingBetaAgonist,
        Self::Statin,
        Self::Ssri,
        Self::ProtonPumpInhibitor,
        Self::Quinine,
        Self::Levothyroxine,
        Self::ChelatedAntibiotic,
        Self::Bisphosphonate,
        Self::Iron,
        Self::OtherAssociated,
    ];

    /// The stored form, such as `ace_inhibitor`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AceInhibitor => "ace_inhibitor",
            Self::AngiotensinReceptorBlocker => "angiotensin_receptor_blocker",
            Self::PotassiumSparingDiuretic => "potassium_sparing_diuretic",
            Self::Thiazide => "thiazide",
            Self::LoopDiuretic => "loop_diuretic",
            Self::VitaminKAntagonist => "vitamin_k_antagonist",
            Self::LongActingBetaAgonist => "long_acting_beta_agonist",
            Self::Statin => "statin",
            Self::Ssri => "ssri",
            Self::ProtonPumpInhibitor => "proton_pump_inhibitor",
            Self::Quinine => "quinine",
            Self::Levothyroxine => "levothyroxine",
            Self::ChelatedAntibiotic => "chelated_antibiotic",
            Self::Bisphosphonate => "bisphosphonate",
            Self::Iron => "iron",
            Self::OtherAssociated => "other_associated",
        }
    }

    /// Reads the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|medicine| medicine.as_str() == text)
    }
}

/// A set that was answered (also with "none") or not asked yet: not answered must never pass for none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Answered<T: Ord> {
    /// Nobody has said.
    #[default]
    Unknown,
    /// What was said; an empty set is "none".
    Known(BTreeSet<T>),
}

impl<T: Ord> Answered<T> {
    /// Whether the person has it; `None` if they were never asked.
    pub fn has(&self, what: &T) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Known(set) => Some(set.contains(what)),
        }
    }
}

/// What a person said about themselves.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Person {
    /// Year of birth.
    pub birth_year: Option<i16>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Pregnancy or lactation.
    pub life_state: Option<LifeState>,
    /// Weight, in kg.
    pub weight_kg: Option<f64>,
    /// Conditions.
    pub conditions: Answered<Condition>,
    /// Medicines.
    pub medicines: Answered<MedicineClass>,
}

impl Person {
    /// Age in whole years that the person reaches in `year`; `None` if the year of birth is unknown or in the future.
    pub fn age_in(&self, year: i16) -> Option<u16> {
        self.birth_year.and_then(|birth| u16::try_from(year.checked_sub(birth)?).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_answered_is_not_none() {
        assert_eq!(Answered::<Condition>::default().has(&Condition::Dialysis), None);
        assert_eq!(Answered::Known(BTreeSet::new()).has(&Condition::Dialysis), Some(false));
    }

    #[test]
    fn every_condition_and_medicine_is_read_back() {
        for condition in Condition::ALL {
            assert_eq!(Condition::parse(condition.as_str()), Some(condition));
        }
        for medicine in MedicineClass::ALL {
            assert_eq!(MedicineClass::parse(medicine.as_str()), Some(medicine));
        }
    }

    #[test]
    fn an_age_needs_a_birth_year_that_has_been() {
        assert_eq!(Person { birth_year: Some(1961), ..Person::default() }.age_in(2026), Some(65));
        assert_eq!(Person { birth_year: Some(2030), ..Person::default() }.age_in(2026), None);
        assert_eq!(Person::default().age_in(2026), None);
    }
}
