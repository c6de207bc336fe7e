use crate::config::places::Places;
use crate::config::report::{Problem, Report};
use crate::config::tree::{Fault, Node, Position};

/// How strictly records are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Manner {
    /// A file of the user's: what is not known refuses it.
    #[default]
    File,
    /// An object whose schema somebody else has checked: an unknown field is a warning, and an
    /// empty record is there with its defaults.
    Object,
    /// An object of which a part is read: unknown fields are nobody's business.
    Part,
}

/// Where the reading of one file stands, and what was found wrong so far.
#[derive(Debug)]
pub struct Reader<'file> {
    file: &'file str,
    manner: Manner,
    /// Path of the value being read, such as `http.routers.a.tls`.
    path: String,
    report: Report,
    places: Places,
    /// Set when the text was made from a template.
    origin: Vec<Origin>,
}

/// Where a line of a generated text came from.
#[derive(Clone, Copy, Debug)]
struct Origin {
    line: u32,
    /// The two lines are the same text, so columns hold too.
    is_same: bool,
}

impl<'file> Reader<'file> {
    /// `file` is the name to show; `places` is what earlier files of the same source noted.
    pub fn new(file: &'file str, mut places: Places) -> Self {
        places.begin_file(file);
        Self {
            file,
            manner: Manner::File,
            path: String::new(),
            report: Report::new(),
            places,
            origin: Vec::new(),
        }
    }

    /// Reads in another manner from now on.
    pub fn set_manner(&mut self, manner: Manner) {
        self.manner = manner;
    }

    pub fn manner(&self) -> Manner {
        self.manner
    }

    pub fn finish(self) -> (Report, Places) {
        (self.report, self.places)
    }

    /// Says that the text being read was made from the template `source`: line `n` of it began in
    /// line `lines[n - 1]` there. From now on places are those in the template.
    pub fn came_from(&mut self, source: &str, generated: &str, lines: Vec<u32>) {
        let source: Vec<&str> = source.lines().collect();
        let found = lines.into_iter().zip(generated.lines());
        self.origin = found
            .map(|(line, text)| Origin {
                line,
                is_same: source.get((line as usize).wrapping_sub(1)) == Some(&text),
            })
            .collect();
    }

    /// The place that the user knows.
    fn original(&self, at: Position) -> Position {
        let index = (at.line as usize).wrapping_sub(1);
        match self.origin.get(index) {
            None => at,
            Some(origin) => Position {
                line: origin.line,
                column: if origin.is_same { at.column } else { 0 },
            },
        }
    }

    /// The path of the value being read; empty at the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn at_root(&self) -> bool {
        self.path.is_empty()
    }

    /// Says that the value being read is wrong: the file as a whole is refused.
    pub fn fault(&mut self, at: Position, message: impl Into<String>, hint: Option<String>) {
        self.tell(Problem::error(message), at, hint);
    }

    pub fn warn(&mut self, at: Position, message: impl Into<String>, hint: Option<String>) {
        self.tell(Problem::warning(message), at, hint);
    }

    /// Says that the text is no tree.
    pub fn broken(&mut self, fault: Fault) {
        self.fault(fault.at, fault.message, fault.hint);
    }

    /// Says that something else was expected than what stands at `node`.
    pub fn expected(&mut self, node: Node<'_>, what: &str, hint: Option<String>) {
        let message = format!("expected {what}, found {}", node.describe());
        self.fault(node.at(), message, hint);
    }

    /// Reads a field of the present value. `at` is where its key stands.
    pub fn in_field<T>(&mut self, name: &str, at: Position, f: impl FnOnce(&mut Self) -> T) -> T {
        let at = self.original(at);
        self.inside(name, |reader| {
            reader.places.note_field(&reader.path, at);
            f(reader)
        })
    }

    /// Reads the value of a key that the user chose.
    pub fn in_entry<T>(&mut self, key: &str, at: Position, f: impl FnOnce(&mut Self) -> T) -> T {
        let at = self.original(at);
        self.inside(key, |reader| {
            reader.places.note_object(&reader.path, at);
            f(reader)
        })
    }

    /// Reads an item of a list.
    pub fn in_item<T>(&mut self, index: usize, at: Position, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.len();
        self.path.push_str(&format!("[{index}]"));
        self.places.note_field(&self.path, self.original(at));
        let value = f(self);
        self.path.truncate(before);
        value
    }

    fn inside<T>(&mut self, segment: &str, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.len();
        if before > 0 {
            self.path.push('.');
        }
        self.path.push_str(segment);
        let value = f(self);
        self.path.truncate(before);
        value
    }

    fn tell(&mut self, problem: Problem, at: Position, hint: Option<String>) {
        let place = self.places.place(self.original(at));
        let mut problem = problem.field(self.path.as_str()).at(self.file, place);
        problem.hint = hint;
        self.report.push(problem);
    }
}
