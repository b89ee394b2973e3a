//! The lower envelope of delays: a straight line under all arrivals, with the slope of their lower hull.
//!
//! A frame can only come late, never early, so the frames of least delay show the true relation of two clocks: the lower
//! convex hull of arrivals (after Moon, Skelly, Towsley: Estimation and removal of clock skew, INFOCOM 1999). Its slope is
//! taken between the quartiles of the points' positions. The hull's one edge over the middle, which that paper takes, may
//! be a few seconds long, and a drop-out after one minute of stream then carries its error far; and quartiles stay with
//! the many old points until enough new ones have come to outvote a first late frame.

use std::collections::VecDeque;

/// Points kept. Each is the least delayed arrival of its bucket.
const MOST_BUCKETS: usize = 64;
/// Buckets begin this wide and double until [`WIDEST_MICROS`], so that the first minute and the last hour both fit.
const NARROWEST_MICROS: f64 = 1e6;
/// 64 buckets of this width are 68 minutes: long against jitter, short against the slow warming of a crystal.
const WIDEST_MICROS: f64 = 64e6;
/// Below this span jitter says more about the slope than drift does; 500 ppm make 15 ms in it.
const DRIFT_NEEDS_MICROS: f64 = 30e6;
/// The worst crystal or RC oscillator a sensor is allowed.
const MOST_DRIFT: f64 = 500e-6;

/// An arrival: nominal device time `x` and the delay `y` beyond it, both in microseconds from an origin.
#[derive(Debug, Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

/// Delay as a straight line over nominal device time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Line {
    x0: f64,
    offset: f64,
    /// Slope: 100 ppm is 1e-4.
    pub(crate) drift: f64,
}

impl Line {
    /// Least delay in microseconds at nominal device time `x`.
    pub(crate) fn at(&self, x: f64) -> f64 {
        self.offset + self.drift * (x - self.x0)
    }
}

/// A bounded set of least-delay arrivals and the line under them.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    points: VecDeque<Point>,
    width: f64,
    line: Line,
}

impl Envelope {
    pub(crate) fn new() -> Self {
        Self { points: VecDeque::with_capacity(MOST_BUCKETS + 1), width: NARROWEST_MICROS, line: Line::default() }
    }

    /// The line under all points; zero before the first.
    pub(crate) fn line(&self) -> Line {
        self.line
    }

    /// Takes an arrival at nominal device time `x` µs that came `y` µs after it.
    pub(crate) fn add(&mut self, x: f64, y: f64) {
        let point = Point { x, y };
        let bucket = self.bucket(x);
        // Frames that were reordered may belong to an earlier bucket; only the newest is worth keeping exact.
        match self.points.back().copied() {
            Some(last) if bucket <= self.bucket(last.x) => {
                if self.above_slope(point) >= self.above_slope(last) {
                    return;
                }
                self.points.pop_back();
                self.points.push_back(point);
            }
            _ => {
                self.points.push_back(point);
                self.bound();
            }
        }
        self.fit();
    }

    fn bucket(&self, x: f64) -> f64 {
        (x / self.width).floor()
    }

    /// Delay with the drift known so far taken out, so that a wide bucket does not favour one of its ends.
    fn above_slope(&self, point: Point) -> f64 {
        point.y - self.line.drift * point.x
    }

    /// Keeps the points few: merges neighbours while buckets may still widen, then forgets the oldest.
    fn bound(&mut self) {
        while self.points.len() > MOST_BUCKETS {
            if self.width >= WIDEST_MICROS {
                self.points.pop_front();
            } else {
                self.width *= 2.0;
                self.merge();
            }
        }
    }

    fn merge(&mut self) {
        let mut merged: VecDeque<Point> = VecDeque::with_capacity(MOST_BUCKETS + 1);
        for point in &self.points {
            match merged.back_mut() {
                Some(last) if self.bucket(last.x) == self.bucket(point.x) => {
                    if self.above_slope(*point) < self.above_slope(*last) {
                        *last = *point;
                    }
                }
                _ => merged.push_back(*point),
            }
        }
        self.points = merged;
    }

    fn fit(&mut self) {
        let (Some(first), Some(last)) = (self.points.front(), self.points.back()) else { return };
        let drift =
            if last.x - first.x < DRIFT_NEEDS_MICROS { 0.0 } else { self.hull_slope().clamp(-MOST_DRIFT, MOST_DRIFT) };
        let x0 = last.x;
        let offset = self.points.iter().map(|point| point.y - drift * (point.x - x0)).fold(f64::INFINITY, f64::min);
        self.line = Line { x0, offset, drift };
    }

    /// Slope of the lower hull between the first and the last quartile of the points' positions.
    fn hull_slope(&self) -> f64 {
        let mut hull: [Point; MOST_BUCKETS + 1] = [Point { x: 0.0, y: 0.0 }; MOST_BUCKETS + 1];
        let mut corners = 0;
        for point in &self.points {
            while corners >= 2 && !turns_up(hull[corners - 2], hull[corners - 1], *point) {
                corners -= 1;
            }
            hull[corners] = *point;
            corners += 1;
        }
        let quarter = self.points.len() / 4;
        let (from, to) = (self.points[quarter].x, self.points[self.points.len() - 1 - quarter].x);
        let rise = height(&hull[..corners], to) - height(&hull[..corners], from);
        rise / (to - from).max(1.0)
    }
}

/// Height at `x` of the broken line through `corners`.
fn height(corners: &[Point], x: f64) -> f64 {
    let edge = corners.windows(2).find(|edge| edge[1].x >= x);
    edge.map_or(0.0, |edge| edge[0].y + (edge[1].y - edge[0].y) * (x - edge[0].x) / (edge[1].x - edge[0].x).max(1.0))
}

fn turns_up(a: Point, b: Point, c: Point) -> bool {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_lies_under_late_arrivals_and_finds_the_drift() {
        let mut envelope = Envelope::new();
        for second in 0..7200_u32 {
            let x = f64::from(second) * 1e6;
            let delay = 10_000.0 + f64::from((second * 7919) % 50_000);
            envelope.add(x, delay + 200e-6 * x);
        }
        let line = envelope.line();
        assert!((line.drift - 200e-6).abs() < 2e-6, "{}", line.drift);
        assert!((line.at(7200e6) - (10_000.0 + 200e-6 * 7200e6)).abs() < 5_000.0);
    }

    #[test]
    fn weeks_of_arrivals_are_kept_in_a_bounded_set() {
        let mut envelope = Envelope::new();
        for minute in 0..60_000_u32 {
            envelope.add(f64::from(minute) * 60e6, 10_000.0);
        }
        assert!(envelope.points.len() <= MOST_BUCKETS);
        assert_eq!(envelope.line().at(0.0), 10_000.0);
    }
}
