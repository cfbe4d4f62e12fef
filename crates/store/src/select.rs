use sqlx::{FromRow, postgres::PgRow, sqlite::SqliteRow};

use crate::{
    DbError, Owner, Time, Tx,
    cell::{self, Cell},
};

/// Which rows of a list, in which order. Names of columns are written in our code; values are always bound.
#[derive(Debug, Clone, Default)]
pub struct Select {
    filters: Vec<Filter>,
    order: Vec<(&'static str, Order)>,
    limit: Option<i64>,
    offset: i64,
    /// How many rows there are, where somebody knows.
    total: Option<i64>,
}

/// One page and the number of all rows that pass the filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T> {
    pub rows: Vec<T>,
    pub total: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

impl Order {
    /// Where NULL goes is left to the engine: PostgreSQL uses no index for anything but its own habit.
    fn as_sql(self) -> &'static str {
        match self {
            Order::Ascending => "ASC",
            Order::Descending => "DESC",
        }
    }

    fn reversed(self) -> Order {
        match self {
            Order::Ascending => Order::Descending,
            Order::Descending => Order::Ascending,
        }
    }
}

/// A part of an ordered list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    offset: i64,
    limit: i64,
}

impl Range {
    const ALL: Range = Range { offset: 0, limit: i64::MAX };

    /// The same rows of the list in reverse; `None` where there are none.
    fn backwards(self, total: i64) -> Option<Range> {
        let limit = self.limit.min(total - self.offset);
        (limit > 0).then(|| Range { offset: total - self.offset - limit, limit })
    }
}

/// A value to compare a column with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(Cell);

/// A condition with a `?` for each value.
#[derive(Debug, Clone)]
struct Filter {
    sql: String,
    values: Vec<Value>,
}

impl Select {
    pub fn new() -> Select {
        Select::default()
    }

    pub fn eq(self, column: &'static str, value: impl Into<Value>) -> Select {
        self.filter(format!("{column} = ?"), vec![value.into()])
    }

    /// Any of these; none of them when there are none.
    pub fn any_of<V: Into<Value>>(self, column: &'static str, values: impl IntoIterator<Item = V>) -> Select {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        let marks = vec!["?"; values.len()].join(", ");
        let sql = if values.is_empty() { "1 = 0".to_owned() } else { format!("{column} IN ({marks})") };
        self.filter(sql, values)
    }

    /// Case does not matter for ASCII letters.
    pub fn contains(self, column: &'static str, part: &str) -> Select {
        let escaped = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = format!("%{}%", escaped.to_ascii_lowercase());
        self.filter(format!("lower({column}) LIKE ? ESCAPE '\\'"), vec![pattern.into()])
    }

    pub fn is_null(self, column: &'static str) -> Select {
        self.filter(format!("{column} IS NULL"), vec![])
    }

    pub fn is_not_null(self, column: &'static str) -> Select {
        self.filter(format!("{column} IS NOT NULL"), vec![])
    }

    /// One's own and what belongs to the whole installation.
    pub fn eq_or_null(self, column: &'static str, value: impl Into<Value>) -> Select {
        self.filter(format!("({column} = ? OR {column} IS NULL)"), vec![value.into()])
    }

    /// What is visible from a scope: its own, and what belongs higher up.
    pub fn visible_from(self, here: Owner) -> Select {
        let sql = "(account_id IS NULL OR account_id = ? AND (environment_id IS NULL OR environment_id = ?))";
        let id = |it: Option<i64>| Value(Cell::Int(it));
        self.filter(sql.to_owned(), vec![id(here.account_id), id(here.environment_id)])
    }

    /// `from` is included.
    pub fn at_least(self, column: &'static str, from: impl Into<Value>) -> Select {
        self.filter(format!("{column} >= ?"), vec![from.into()])
    }

    /// `to` is not included.
    pub fn below(self, column: &'static str, to: impl Into<Value>) -> Select {
        self.filter(format!("{column} < ?"), vec![to.into()])
    }

    /// Called again, orders rows that are equal so far. What is equal at the end has the order of its key. NULL is the
    /// least on SQLite and the greatest on PostgreSQL.
    pub fn order_by(mut self, column: &'static str, order: Order) -> Select {
        self.order.push((column, order));
        self
    }

    /// Without it, all rows.
    pub fn limit(mut self, n_rows: i64) -> Select {
        self.limit = Some(n_rows.max(0));
        self
    }

    pub fn offset(mut self, n_rows: i64) -> Select {
        self.offset = n_rows.max(0);
        self
    }

    /// Whether no filter leaves rows out.
    pub(crate) fn is_all(&self) -> bool {
        self.filters.is_empty()
    }

    /// Whether one of the filters is [`Select::eq`] of this column.
    pub(crate) fn has_eq(&self, column: &str) -> bool {
        self.filters.iter().any(|it| it.sql.strip_suffix(" = ?") == Some(column))
    }

    /// The number of rows that pass the filters. Without it they are counted, each of them.
    pub(crate) fn total(mut self, n_rows: Option<i64>) -> Select {
        self.total = n_rows;
        self
    }

    fn filter(mut self, sql: String, values: Vec<Value>) -> Select {
        self.filters.push(Filter { sql, values });
        self
    }

    /// `from` is a table, or a query in parentheses with a name; `key` makes the order total.
    pub(crate) async fn fetch<T>(
        self,
        tx: &mut Tx,
        from: &'static str,
        key: &[&'static str],
    ) -> Result<List<T>, DbError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let (condition, values) = self.condition();
        let total = match self.total {
            Some(total) => total,
            None => {
                let sql = format!("SELECT count(*) FROM {from}{condition}");
                cell::fetch_all::<(i64,)>(tx, sql, &values).await?.first().map_or(0, |it| it.0)
            }
        };
        let asked = Range { offset: self.offset, limit: self.limit.unwrap_or(i64::MAX) };
        // An offset steps over every row before it, so what is nearer to the end is read from there.
        let backwards = asked.backwards(total).filter(|it| it.offset < asked.offset);
        let page = backwards.unwrap_or(asked);
        let order = self.order.iter().copied().chain(key.iter().map(|it| (*it, Order::Ascending)));
        let order = order.map(|(column, order)| (column, if backwards.is_some() { order.reversed() } else { order }));
        let order: Vec<String> = order.map(|(column, order)| format!("{column} {}", order.as_sql())).collect();
        let order = order.join(", ");
        let Range { limit, offset } = page;
        let sql = match (page, key) {
            (Range::ALL, _) => format!("SELECT * FROM {from}{condition} ORDER BY {order}"),
            // First the ids alone, often from an index: whole rows are put in order only where they are shown. Other keys
            // tell rows apart only within the filters.
            (_, ["id"]) => format!(
                "SELECT * FROM {from} WHERE id IN (SELECT id FROM {from}{condition} ORDER BY {order} \
                 LIMIT {limit} OFFSET {offset}) ORDER BY {order}"
            ),
            _ => format!("SELECT * FROM {from}{condition} ORDER BY {order} LIMIT {limit} OFFSET {offset}"),
        };
        let mut rows = cell::fetch_all(tx, sql, &values).await?;
        if backwards.is_some() {
            rows.reverse();
        }
        Ok(List { rows, total })
    }

    /// ` WHERE …` with `$1` for the first value; empty without filters.
    fn condition(&self) -> (String, Vec<Cell>) {
        let mut sql = String::new();
        let mut cells = Vec::new();
        for filter in &self.filters {
            sql += if sql.is_empty() { " WHERE " } else { " AND " };
            let mut values = filter.values.iter();
            for (n, part) in filter.sql.split('?').enumerate() {
                if n > 0 {
                    cells.extend(values.next().map(|it| it.0.clone()));
                    sql += &format!("${}", cells.len());
                }
                sql += part;
            }
        }
        (sql, cells)
    }
}

impl<T> List<T> {
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> List<U> {
        List { rows: self.rows.into_iter().map(view).collect(), total: self.total }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value(Cell::Text(Some(text.to_owned())))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value(Cell::Text(Some(text)))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value(Cell::Int(Some(number)))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value(Cell::Bool(Some(truth)))
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Value {
        Value(Cell::Int(Some(time.as_micros())))
    }
}
