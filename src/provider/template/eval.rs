use std::rc::Rc;

use super::ast::{Arm, Base, Call, Command, Item, Operand, Pipeline, Program};
use super::functions::Scope;
use super::print::show;
use super::value::Value;
use super::{Rendered, TemplateFault, World};
use crate::base::limits;

/// Runs a template. The dot is `false` at first, as in Traefik's file provider.
pub(super) fn run(program: &Program<'_>, world: &dyn World) -> Result<Rendered, TemplateFault> {
    let mut machine = Machine {
        program,
        scope: Scope { world },
        out: Rendered::default(),
        variables: vec![(Rc::from(""), Value::Bool(false))],
        steps: 0,
        depth: 0,
    };
    machine.items(&program.main, &Value::Bool(false))?;
    Ok(machine.out)
}

/// What a run of items ended with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

struct Machine<'run> {
    program: &'run Program<'run>,
    scope: Scope<'run>,
    out: Rendered,
    variables: Vec<(Rc<str>, Value)>,
    steps: u64,
    depth: usize,
}

impl Machine<'_> {
    fn items(&mut self, items: &[Item<'_>], dot: &Value) -> Result<Flow, TemplateFault> {
        for item in items {
            let flow = self.item(item, dot)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn item(&mut self, item: &Item<'_>, dot: &Value) -> Result<Flow, TemplateFault> {
        match item {
            Item::Text(text, line) => {
                self.step(*line)?;
                self.write(text, *line, true)?;
                Ok(Flow::On)
            }
            Item::Print(pipeline) => {
                let value = self.pipeline(pipeline, dot)?;
                if pipeline.variables.is_empty() {
                    self.write(&show(&value), pipeline.line, false)?;
                }
                Ok(Flow::On)
            }
            Item::If(arms) => self.arms(arms, dot, false),
            Item::With(arms) => self.arms(arms, dot, true),
            Item::Range {
                over,
                body,
                otherwise,
            } => self.range(over, body, otherwise, dot),
            Item::Template { name, given, line } => {
                self.template(name, given.as_ref(), *line, dot)?;
                Ok(Flow::On)
            }
            Item::Break => Ok(Flow::Break),
            Item::Continue => Ok(Flow::Continue),
        }
    }

    fn arms(
        &mut self,
        arms: &[Arm<'_>],
        dot: &Value,
        moves_dot: bool,
    ) -> Result<Flow, TemplateFault> {
        let seen = self.variables.len();
        let mut flow = Flow::On;
        for Arm { condition, body } in arms {
            let value = match condition {
                Some(condition) => self.pipeline(condition, dot)?,
                None => dot.clone(),
            };
            if condition.is_none() || value.truth() {
                let inner = if moves_dot { &value } else { dot };
                flow = self.items(body, inner)?;
                break;
            }
        }
        self.variables.truncate(seen);
        Ok(flow)
    }

    fn range(
        &mut self,
        over: &Pipeline,
        body: &[Item<'_>],
        otherwise: &[Item<'_>],
        dot: &Value,
    ) -> Result<Flow, TemplateFault> {
        let seen = self.variables.len();
        let value = self.commands(over, dot)?;
        let entries = entries(&value).map_err(|message| TemplateFault::new(over.line, message))?;
        let mut any = false;
        for (key, item) in entries {
            any = true;
            self.step(over.line)?;
            self.variables.truncate(seen);
            match over.variables.as_slice() {
                [] => {}
                [one] => self.bind(one, item.clone(), over.declares),
                [first, second, ..] => {
                    self.bind(first, key, over.declares);
                    self.bind(second, item.clone(), over.declares);
                }
            }
            if self.items(body, &item)? == Flow::Break {
                break;
            }
        }
        self.variables.truncate(seen);
        if any {
            return Ok(Flow::On);
        }
        let flow = self.items(otherwise, dot)?;
        self.variables.truncate(seen);
        Ok(flow)
    }

    fn template(
        &mut self,
        name: &str,
        given: Option<&Pipeline>,
        line: u32,
        dot: &Value,
    ) -> Result<(), TemplateFault> {
        let value = match given {
            Some(given) => self.pipeline(given, dot)?,
            None => Value::Nil,
        };
        let Some(body) = self.program.named.get(name) else {
            return Err(TemplateFault::new(
                line,
                format!("there is no template {name:?}"),
            ));
        };
        if self.depth >= limits::TEMPLATE_DEPTH_MAX {
            return Err(TemplateFault::new(
                line,
                "templates call each other too deeply",
            ));
        }
        self.depth += 1;
        let outer = std::mem::replace(&mut self.variables, vec![(Rc::from(""), value.clone())]);
        self.items(body, &value)?;
        self.variables = outer;
        self.depth -= 1;
        Ok(())
    }

    /// The value of a pipeline, bound to its variable if it names one.
    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Value) -> Result<Value, TemplateFault> {
        let value = self.commands(pipeline, dot)?;
        if let Some(name) = pipeline.variables.first() {
            self.bind(name, value.clone(), pipeline.declares);
        }
        Ok(value)
    }

    fn commands(&mut self, pipeline: &Pipeline, dot: &Value) -> Result<Value, TemplateFault> {
        let mut last = None;
        for command in &pipeline.commands {
            self.step(pipeline.line)?;
            let value = match command {
                Command::Value(operand) => self.operand(operand, dot, pipeline.line)?,
                Command::Call(call, given) => {
                    self.call(*call, given, last.take(), (dot, pipeline.line))?
                }
            };
            last = Some(value);
        }
        Ok(last.unwrap_or(Value::Nil))
    }

    fn bind(&mut self, name: &Rc<str>, value: Value, declares: bool) {
        let known = self
            .variables
            .iter_mut()
            .rev()
            .find(|(known, _)| known == name);
        match known {
            Some((_, old)) if !declares => *old = value,
            _ => self.variables.push((Rc::clone(name), value)),
        }
    }

    fn call(
        &mut self,
        call: Call,
        given: &[Operand],
        piped: Option<Value>,
        (dot, line): (&Value, u32),
    ) -> Result<Value, TemplateFault> {
        if let Call::And | Call::Or = call {
            let stops_at = matches!(call, Call::Or);
            let mut last = Value::Nil;
            for operand in given {
                last = self.operand(operand, dot, line)?;
                if last.truth() == stops_at {
                    return Ok(last);
                }
            }
            return Ok(piped.unwrap_or(last));
        }
        let mut arguments = Vec::with_capacity(given.len() + 1);
        for operand in given {
            arguments.push(self.operand(operand, dot, line)?);
        }
        arguments.extend(piped);
        let Call::Function(name, function) = call else {
            return Ok(Value::Nil);
        };
        function(&arguments, &self.scope)
            .map_err(|message| TemplateFault::new(line, format!("{name}: {message}")))
    }

    fn operand(
        &mut self,
        operand: &Operand,
        dot: &Value,
        line: u32,
    ) -> Result<Value, TemplateFault> {
        let mut value = match &operand.base {
            Base::Dot => dot.clone(),
            Base::Variable(name) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                known.map_or(Value::Nil, |(_, value)| value.clone())
            }
            Base::Constant(value) => value.clone(),
            Base::Pipe(pipeline) => self.pipeline(pipeline, dot)?,
            Base::Call(call) => {
                self.step(line)?;
                self.call(*call, &[], None, (dot, line))?
            }
        };
        for field in &operand.fields {
            let Value::Map(map) = &value else {
                let message = format!("a {} has no field .{field}", value.kind());
                return Err(TemplateFault::new(line, message));
            };
            let inner = map.borrow().get(&**field).cloned();
            value = inner.unwrap_or(Value::Nil);
        }
        Ok(value)
    }

    fn step(&mut self, line: u32) -> Result<(), TemplateFault> {
        self.steps += 1;
        if self.steps > limits::TEMPLATE_STEPS_MAX {
            return Err(TemplateFault::new(
                line,
                "the template takes too many steps",
            ));
        }
        Ok(())
    }

    /// Appends text that begins in `line` of the template. Text of the template itself has the
    /// lines that follow too; a value of many lines is all of one.
    fn write(&mut self, text: &str, line: u32, is_source: bool) -> Result<(), TemplateFault> {
        if self.out.text.len() + text.len() > limits::CONFIG_FILE_BYTES_MAX {
            return Err(TemplateFault::new(line, "the template makes too much text"));
        }
        if text.is_empty() {
            return Ok(());
        }
        if self.out.lines.is_empty() || self.out.text.ends_with('\n') {
            self.out.lines.push(line);
        }
        let mut source = line;
        for (at, _) in text.match_indices('\n') {
            source += u32::from(is_source);
            if at + 1 < text.len() {
                self.out.lines.push(source);
            }
        }
        self.out.text.push_str(text);
        Ok(())
    }
}

/// What a range goes through: keys and items.
type Entries = Box<dyn Iterator<Item = (Value, Value)>>;

fn entries(value: &Value) -> Result<Entries, String> {
    Ok(match value {
        Value::Nil => Box::new(std::iter::empty()),
        Value::List(items) => {
            let items = Rc::clone(items);
            Box::new((0..items.len()).filter_map(move |index| {
                let key = i64::try_from(index).ok()?;
                Some((Value::Int(key), items.get(index)?.clone()))
            }))
        }
        Value::Map(map) => {
            let entries: Vec<_> = map
                .borrow()
                .iter()
                .map(|(key, value)| (Value::text(key), value.clone()))
                .collect();
            Box::new(entries.into_iter())
        }
        Value::Int(count) => {
            Box::new((0..*count).map(|index| (Value::Int(index), Value::Int(index))))
        }
        Value::Bool(_) | Value::Float(_) | Value::Text(_) => {
            return Err(format!("range can not go through a {}", value.kind()));
        }
    })
}
