extension JSONDocument {
    /// The elements of a body with one array, each to be decoded on its own: one that is refused does not stop the
    /// others.
    ///
    /// - Throws: what is wrong with the body around them.
    func batch(_ name: String, countMax: Int) throws(Problem) -> [JSONValue] {
        guard let members = root.members else { throw .field("", "must be an object") }
        if let other = members.first(where: { $0.name != name }) {
            throw .field("/" + JSONPointer.escape(other.name), "is not a known field")
        }
        guard let batch = members.first?.value else { throw .field("/\(name)", "is missing") }
        guard let elements = batch.elements else { throw .field("/\(name)", "must be an array") }
        guard (1...countMax).contains(elements.count) else {
            throw .field("/\(name)", "must have 1 to \(countMax) elements")
        }
        return elements
    }
}

extension JSONValue {
    /// Builds a value out of the object that this is. Pointers begin here, and not at the top of the text.
    func decode<T>(_ body: (inout ObjectReader) -> T?) throws(FieldErrors) -> T {
        let state = DecodingState(document: document)
        let value = state.object(index, nil, body)
        guard let value, state.errors.isEmpty else { throw FieldErrors(state.errors) }
        return value
    }
}

extension JSONWriter {
    /// What became of one element of a batch.
    ///
    /// - Parameter pointer: to the element.
    mutating func result(_ problem: Problem, at pointer: String) {
        object { json in
            json.field("status", problem.code.status.code)
            json.key("problem")
            json.raw(problem.below(pointer).document(requestID: nil))
        }
    }
}
