//! Cholesky factor of a small symmetric positive definite matrix.

/// Lower triangle L with L Lᵀ = A, row by row.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    size: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors the lower triangle of `matrix` (row-major, `size` by `size`); `None` if it is not positive definite.
    pub(super) fn of(matrix: &[f64], size: usize) -> Option<Self> {
        let mut lower = matrix.to_vec();
        for row in 0..size {
            for column in 0..=row {
                let (a, b) = (&lower[row * size..][..column], &lower[column * size..][..column]);
                let rest = lower[row * size + column] - dot(a, b);
                lower[row * size + column] = if row == column {
                    if rest.is_nan() || rest <= 0.0 || rest.is_infinite() {
                        return None;
                    }
                    rest.sqrt()
                } else {
                    rest / lower[column * size + column]
                };
            }
        }
        Some(Self { size, lower })
    }

    /// Solves A x = `right`.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.size;
        let mut x = right.to_vec();
        for row in 0..size {
            let known = dot(&self.lower[row * size..][..row], &x[..row]);
            x[row] = (x[row] - known) / self.lower[row * size + row];
        }
        for row in (0..size).rev() {
            let known: f64 = (row + 1..size).map(|below| self.lower[below * size + row] * x[below]).sum();
            x[row] = (x[row] - known) / self.lower[row * size + row];
        }
        x
    }

    /// The diagonal entry `place` of the inverse.
    pub(super) fn inverse_diagonal(&self, place: usize) -> f64 {
        let mut unit = vec![0.0; self.size];
        unit[place] = 1.0;
        self.solve(&unit)[place]
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_solves_and_inverts() {
        let matrix = [4.0, 2.0, 0.6, 2.0, 3.0, 0.4, 0.6, 0.4, 2.0];
        let factor = Cholesky::of(&matrix, 3).unwrap();
        let x = factor.solve(&[1.0, -2.0, 0.5]);
        for (row, right) in [1.0, -2.0, 0.5].into_iter().enumerate() {
            assert!((dot(&matrix[row * 3..][..3], &x) - right).abs() < 1e-12);
        }
        // Cofactor over determinant: 5.84 / 15.24.
        assert!((factor.inverse_diagonal(0) - 5.84 / 15.24).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        assert!(Cholesky::of(&[1.0, 2.0, 2.0, 1.0], 2).is_none());
        assert!(Cholesky::of(&[f64::NAN], 1).is_none());
    }
}
