//! One chart as an inline picture: axes with round numbers, faults shaded and named, series told apart by their marks.

use std::fmt::Write as _;

use drills::{Chart, Series};

use crate::html::escape::text;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 300.0;
/// Room for the names of the axes.
const LEFT: f64 = 62.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 40.0;
/// Points drawn of one series; of more, the highest of each stretch.
const POINTS: usize = 1500;
/// Above this many times the smallest value, the vertical axis is logarithmic.
const WIDE: f64 = 200.0;

/// Prints `chart` as a figure.
pub(super) fn print(page: &mut String, chart: &Chart) {
    let Some(plane) = Plane::of(chart) else {
        let _infallible =
            writeln!(page, "<p class=\"quiet\">{}: nothing was measured.</p>", text(&chart.title));
        return;
    };
    let (title, scale) = (text(&chart.title), if plane.is_log { ", logarithmic" } else { "" });
    let _infallible = writeln!(
        page,
        "<figure>\n<figcaption>{title}</figcaption>\n<div class=\"wide\"><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>"
    );
    shades(page, chart, &plane);
    axes(page, chart, &plane, scale);
    for (name, level) in &chart.levels {
        let y = plane.y(*level);
        let _infallible = write!(
            page,
            "<line class=\"level\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            WIDTH - RIGHT,
            y - 3.0,
            text(name)
        );
    }
    for (index, series) in chart.series.iter().enumerate() {
        draw(page, chart, series, index, &plane);
    }
    page.push_str("</svg></div>\n");
    legend(page, chart);
    page.push_str("</figure>\n");
}

/// How values become positions.
struct Plane {
    x: (f64, f64),
    y: (f64, f64),
    is_log: bool,
}

impl Plane {
    /// The plane that holds all finite points of `chart`; none if there are none.
    fn of(chart: &Chart) -> Option<Self> {
        let points = || {
            chart
                .series
                .iter()
                .flat_map(|series| &series.points)
                .filter(|(x, y)| x.is_finite() && y.is_finite())
        };
        points().next()?;
        let bounds = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let ends = chart.shaded.iter().flat_map(|shade| [shade.from, shade.to]);
        let x = bounds(&mut points().map(|point| point.0).chain(ends));
        let levels = chart.levels.iter().map(|level| level.1);
        let (_, high) = bounds(&mut points().map(|point| point.1).chain(levels));
        let (smallest, _) = bounds(&mut points().map(|point| point.1).filter(|y| *y > 0.0));
        let is_log = !chart.is_bars && smallest.is_finite() && high / smallest > WIDE;
        let y = if is_log {
            (10_f64.powf(smallest.log10().floor()), 10_f64.powf(high.log10().ceil()))
        } else {
            (0.0, high.max(1e-9) * 1.08)
        };
        Some(Self { x: (x.0, if x.1 > x.0 { x.1 } else { x.0 + 1.0 }), y, is_log })
    }

    fn x(&self, value: f64) -> f64 {
        LEFT + (value - self.x.0) / (self.x.1 - self.x.0) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let share = if self.is_log {
            (value.max(self.y.0).log10() - self.y.0.log10())
                / (self.y.1.log10() - self.y.0.log10()).max(1e-9)
        } else {
            (value - self.y.0) / (self.y.1 - self.y.0)
        };
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    }
}

/// Round numbers from `low` to `high`, about six of them.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 6.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let first = (low / step).ceil();
    (0..20)
        .map(|n| (first + f64::from(n)) * step)
        .take_while(|tick| *tick <= high + step * 1e-6)
        .collect()
}

/// Powers of ten from `low` to `high`.
fn decades(low: f64, high: f64) -> Vec<f64> {
    (0..20).map(|n| low * 10_f64.powi(n)).take_while(|tick| *tick <= high * 1.001).collect()
}

fn number(value: f64) -> String {
    let text = if value.abs() >= 1000.0 || (value - value.round()).abs() < 1e-9 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Each shaded stretch with its name above it, on two heights in turn so that short neighbours stay apart.
fn shades(page: &mut String, chart: &Chart, plane: &Plane) {
    for (index, shade) in chart.shaded.iter().enumerate() {
        let (from, to) = (plane.x(shade.from), plane.x(shade.to));
        let height = TOP - 6.0 - if index % 2 == 0 { 0.0 } else { 15.0 };
        let _infallible = write!(
            page,
            "<rect class=\"shade\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\"/><text x=\"{:.1}\" y=\"{height:.1}\" text-anchor=\"middle\">{}</text>",
            (to - from).max(1.0),
            HEIGHT - TOP - BOTTOM,
            f64::midpoint(from, to),
            text(&shade.label)
        );
    }
}

fn axes(page: &mut String, chart: &Chart, plane: &Plane, scale: &str) {
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    for tick in ticks(plane.x.0, plane.x.1) {
        let x = plane.x(tick);
        let _infallible = write!(
            page,
            "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{bottom}\" y2=\"{:.1}\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            bottom + 4.0,
            bottom + 16.0,
            number(tick)
        );
    }
    let marks =
        if plane.is_log { decades(plane.y.0, plane.y.1) } else { ticks(plane.y.0, plane.y.1) };
    for tick in marks {
        let y = plane.y(tick);
        let _infallible = write!(
            page,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            number(tick)
        );
    }
    let middle = f64::midpoint(TOP, bottom);
    let _infallible = write!(
        page,
        "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{bottom}\" y2=\"{bottom}\"/><line class=\"axis\" x1=\"{LEFT}\" x2=\"{LEFT}\" y1=\"{TOP}\" y2=\"{bottom}\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
         <text transform=\"translate(12 {middle:.1}) rotate(-90)\" text-anchor=\"middle\">{}{scale}</text>",
        f64::midpoint(LEFT, right),
        HEIGHT - 6.0,
        text(&chart.x),
        text(&chart.y)
    );
}

fn draw(page: &mut String, chart: &Chart, series: &Series, index: usize, plane: &Plane) {
    let points = thinned(&series.points);
    if chart.is_bars {
        let width = (WIDTH - LEFT - RIGHT)
            / f64::from(u32::try_from(points.len().max(1)).unwrap_or(u32::MAX))
            * 0.8;
        for (x, y) in points {
            let (x, top) = (plane.x(x) - width / 2.0, plane.y(y));
            let _infallible = write!(
                page,
                "<rect class=\"bar\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\"/>",
                HEIGHT - BOTTOM - top
            );
        }
    } else if is_scatter(chart) {
        for (x, y) in points {
            let (x, y) = (plane.x(x), plane.y(y));
            let _infallible = if index == 0 {
                write!(page, "<circle class=\"mark s0\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"1.6\"/>")
            } else {
                write!(
                    page,
                    "<path class=\"mark s{index}\" d=\"M{:.1} {:.1}l6 6m0 -6l-6 6\"/>",
                    x - 3.0,
                    y - 3.0
                )
            };
        }
    } else {
        let path: Vec<String> =
            points.iter().map(|(x, y)| format!("{:.1} {:.1}", plane.x(*x), plane.y(*y))).collect();
        let _infallible =
            write!(page, "<polyline class=\"line s{index}\" points=\"{}\"/>", path.join(" "));
    }
}

/// Single requests are drawn as marks; what is one value a second as a line.
fn is_scatter(chart: &Chart) -> bool {
    chart.series.iter().any(|series| series.name == "failed")
}

/// At most [`POINTS`] points; of each stretch the highest, since that is what hurts.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let size = points.len().div_ceil(POINTS).max(1);
    points
        .chunks(size)
        .filter_map(|chunk| chunk.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)))
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect()
}

/// Which mark is what, and how many there are.
fn legend(page: &mut String, chart: &Chart) {
    let (scatter, mut items) = (is_scatter(chart), Vec::new());
    for (index, series) in chart.series.iter().enumerate() {
        let mark = match (chart.is_bars, scatter, index) {
            (true, ..) => "bars",
            (_, true, 0) => "circles",
            (_, true, _) => "crosses",
            (_, _, 0) => "solid line",
            (_, _, 1) => "dashed line",
            (_, _, 2) => "dotted line",
            _ => "dash-dotted line",
        };
        items.push(format!("{mark}: {} ({})", text(&series.name), series.points.len()));
    }
    let _infallible = writeln!(page, "<p class=\"quiet\">{}</p>", items.join("; "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(3.0, 61.0).first(), Some(&10.0));
        assert_eq!(decades(1.0, 1000.0), [1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn the_highest_point_survives_thinning() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|n| (f64::from(n), 1.0)).collect();
        points[7777].1 = 99.0;
        let thin = thinned(&points);
        assert!(thin.len() <= POINTS && thin.contains(&(7777.0, 99.0)));
    }

    #[test]
    fn a_chart_without_points_says_so() {
        let mut page = String::new();
        print(&mut page, &Chart { title: "Nothing".into(), ..Chart::default() });
        assert!(page.contains("nothing was measured"));
    }

    #[test]
    fn values_far_apart_are_drawn_logarithmically_and_stay_inside() {
        let chart = Chart {
            series: vec![Series { name: "p99".into(), points: vec![(0.0, 0.5), (1.0, 900.0)] }],
            ..Chart::default()
        };
        let plane = Plane::of(&chart).unwrap();
        assert!(plane.is_log);
        for y in [0.5, 900.0] {
            assert!(plane.y(y) >= TOP - 0.1 && plane.y(y) <= HEIGHT - BOTTOM + 0.1);
        }
    }
}
