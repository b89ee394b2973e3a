//! Tests of whole nights.
