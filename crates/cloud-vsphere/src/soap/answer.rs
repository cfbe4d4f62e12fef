use crate::soap::{
    fault::Fault,
    tree::{Node, Tree},
    xml::{Malformed, Parser, Sink, Types},
};

/// What is handed out whole. Depths: `Envelope` 1, `Body` 2, `…Response` 3, `returnval` 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// The `…Response` element: for short answers.
    Response = 3,
    /// Each child of `returnval`: for lists, of which memory holds one entry.
    Entry = 5,
    /// As entries, and each child of `filterSet` for itself: for updates, which come together in one of these.
    Update = 6,
}

impl Piece {
    /// Whether an element at this depth, of that name, is handed out.
    fn is(self, depth: usize, name: &str) -> bool {
        match self {
            Piece::Update => depth == 6 || (depth == 5 && name != "filterSet"),
            piece => depth == piece as usize,
        }
    }
}

/// An answer that is being read.
#[derive(Debug)]
pub struct Answer {
    parser: Parser,
    state: State,
}

#[derive(Debug)]
struct State {
    piece: Piece,
    depth: usize,
    in_body: bool,
    /// The depth of the element that is being collected.
    collecting: Option<usize>,
    tree: Tree,
    fault: Option<Fault>,
}

impl Answer {
    pub fn new(piece: Piece) -> Self {
        let tree = Tree::default();
        let state = State { piece, depth: 0, in_body: false, collecting: None, tree, fault: None };
        Answer { parser: Parser::default(), state }
    }

    pub fn feed(&mut self, bytes: &[u8], on_piece: &mut dyn FnMut(Node<'_>)) -> Result<(), Malformed> {
        self.parser.feed(bytes, &mut Collector { state: &mut self.state, on_piece })
    }

    /// To be called after the last piece. `Some`: the call failed, although pieces may have come before.
    pub fn finish(self) -> Result<Option<Fault>, Malformed> {
        self.parser.finish()?;
        Ok(self.state.fault)
    }
}

struct Collector<'a> {
    state: &'a mut State,
    on_piece: &'a mut dyn FnMut(Node<'_>),
}

impl Sink for Collector<'_> {
    fn start(&mut self, name: &str, types: Types<'_>) -> Result<(), Malformed> {
        let state = &mut *self.state;
        state.depth += 1;
        match state.depth {
            1 if name != "Envelope" => return Err(Malformed(format!("it is no SOAP but begins with <{name}>"))),
            2 => state.in_body = name == "Body",
            _ => {}
        }
        let is_fault = state.depth == 3 && name == "Fault";
        if state.collecting.is_none() && state.in_body && (is_fault || state.piece.is(state.depth, name)) {
            state.collecting = Some(state.depth);
            state.tree.clear();
        }
        if state.collecting.is_some() { state.tree.start(name, types) } else { Ok(()) }
    }

    fn text(&mut self, text: &str) -> Result<(), Malformed> {
        if self.state.collecting.is_some() { self.state.tree.text(text) } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), Malformed> {
        let state = &mut *self.state;
        if state.collecting.is_some() {
            state.tree.end()?;
        }
        if state.collecting == Some(state.depth) {
            state.collecting = None;
            match state.tree.root() {
                Some(node) if state.depth == 3 && node.name() == "Fault" => state.fault = Some(Fault::read(node)),
                Some(node) => (self.on_piece)(node),
                None => {}
            }
        }
        state.depth -= 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIST: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:Envelope xmlns:s=\"x\" \
        xmlns:xsi=\"y\"><s:Header><h>1</h></s:Header><s:Body><RResponse xmlns=\"urn:vim25\"><returnval>\
        <token>t&amp;1</token><objects><obj type=\"VirtualMachine\">vm-1</obj><propSet><name>name</name>\
        <val q:type=\"xsd:string\">caf\u{e9} &lt;\u{1f980}&gt; &#233;&#x1F980; a &amp; b</val></propSet></objects><!-- note > -->\
        <objects>\n <obj type='HostSystem'>host-1</obj><empty/><cdata><![CDATA[<not & a tag>]]></cdata></objects>\
        <objects><obj a=\"1>2\" type=\"X\">\u{feff}mark</obj></objects></returnval></RResponse></s:Body></s:Envelope>\n";

    /// Every piece as text, or why there is none.
    fn read(bytes: &[u8], cuts: &[usize], piece: Piece) -> Result<Vec<String>, String> {
        let mut answer = Answer::new(piece);
        let mut pieces = Vec::new();
        let mut begin = 0;
        let mut cuts: Vec<_> = cuts.iter().map(|it| it % (bytes.len() + 1)).chain([bytes.len()]).collect();
        cuts.sort_unstable();
        for end in cuts {
            answer.feed(&bytes[begin..end], &mut |node| pieces.push(told(node))).map_err(|err| err.0)?;
            begin = end;
        }
        answer.finish().map_err(|err| err.0)?;
        Ok(pieces)
    }

    fn told(node: Node<'_>) -> String {
        let children: Vec<_> = node.children().map(told).collect();
        let (name, object, value) = (node.name(), node.object_type(), node.value_type());
        let text = if children.is_empty() { node.text() } else { "" };
        format!("{name}[{object}|{value}]({text}{})", children.join(","))
    }

    #[test]
    fn pieces_are_whole_and_without_entities() {
        let pieces = read(LIST.as_bytes(), &[], Piece::Entry).unwrap();
        assert_eq!(
            pieces,
            [
                "token[|](t&1)",
                "objects[|](obj[VirtualMachine|](vm-1),propSet[|](name[|](name),val[|string](caf\u{e9} <\u{1f980}> \u{e9}\u{1f980} a & b)))",
                "objects[|](obj[HostSystem|](host-1),empty[|](),cdata[|](<not & a tag>))",
                "objects[|](obj[X|](\u{feff}mark))",
            ]
        );
        assert_eq!(read(LIST.as_bytes(), &[], Piece::Response).unwrap().len(), 1);
    }

    #[test]
    fn every_single_cut_reads_the_same() {
        let whole = read(LIST.as_bytes(), &[], Piece::Entry);
        for cut in 0..LIST.len() {
            assert_eq!(read(LIST.as_bytes(), &[cut], Piece::Entry), whole, "cut at {cut}");
        }
        let everywhere: Vec<_> = (0..LIST.len()).collect();
        assert_eq!(read(LIST.as_bytes(), &everywhere, Piece::Entry), whole);
    }

    #[test]
    fn every_beginning_is_incomplete() {
        for end in 0..LIST.trim_end().len() {
            read(&LIST.as_bytes()[..end], &[], Piece::Entry).unwrap_err();
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Where an answer is cut changes nothing, also where it is damaged.
        #[test]
        fn cuts_do_not_matter(
            cuts in proptest::collection::vec(0_usize..4096, 0..40),
            at in 0_usize..4096, byte in any::<u8>(), damaged: bool,
        ) {
            let mut bytes = LIST.as_bytes().to_vec();
            if damaged {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            let (whole, cut) = (read(&bytes, &[], Piece::Entry), read(&bytes, &cuts, Piece::Entry));
            match (whole, cut) {
                (Ok(whole), cut) => prop_assert_eq!(cut, Ok(whole)),
                // The words may differ: what is wrong may be noticed earlier or later.
                (Err(_), cut) => prop_assert!(cut.is_err()),
            }
        }
    }
}
