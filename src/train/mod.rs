//! Training, evaluation and model cards. It must never change a model without a new card.
