import Testing

@testable import Gateway

@Suite("Decoding requests")
struct RequestDecoderTests {
    struct Line: Equatable { let sku: String, quantity: Int64 }
    struct Order: Equatable { let items: [Line], expectedTotal: Int64?, note: String? }
    enum Colour: String, CaseIterable { case red, green }

    func order(_ text: String) throws -> Order {
        try JSONDocument([UInt8](text.utf8)).decode { (body: inout ObjectReader) -> Order? in
            let items = body.objects("items", count: 1...3) { (item: inout ObjectReader) -> Line? in
                let sku = item.string("sku", length: 1...8)
                let quantity = item.integer("quantity", in: 1...100)
                guard let sku, let quantity else { return nil }
                return Line(sku: sku, quantity: quantity)
            }
            let expected = body.optionalInteger("expected_total", in: 0...1_000)
            let note = body.optionalString("note")
            guard let items else { return nil }
            return Order(items: items, expectedTotal: expected, note: note)
        }
    }

    func errors(_ text: String) throws -> [String] {
        do {
            _ = try order(text)
            return []
        } catch let refusal as FieldErrors {
            return refusal.errors.map { "\($0.pointer): \($0.detail)" }
        }
    }

    @Test("a name is known however it is escaped, and only that name")
    func escapedNames() throws {
        let expected = Order(items: [Line(sku: "A", quantity: 2)], expectedTotal: nil, note: "n")
        let escaped = #"{"\u006e\u006Ft\u0065":"n","\u0069tems":[{"sk\u0075":"A","\u0071uantity":2}]}"#
        #expect(try order(escaped) == expected)
        #expect(try errors(#"{"items":[{"sku":"A","quantity":2}],"not\u0065\u0000":"n"}"#).count == 1)
        #expect(try errors(#"{"items":[{"sku":"A","quantity":2}],"n\u00f6te":"n","n\ud83d\ude00":1}"#).count == 2)
        #expect(throws: JSONError.self) { try order(#"{"\ud83d\ude00":1,"😀":2}"#) }
        #expect(throws: JSONError.self) { try order(#"{"a\/b":1,"a/b":2}"#) }
    }

    @Test("a good request becomes a value, its members in any order, with null for what is left out")
    func good() throws {
        let expected = Order(items: [Line(sku: "A", quantity: 2)], expectedTotal: 5, note: nil)
        #expect(try order(#"{"items":[{"sku":"A","quantity":2}],"expected_total":5}"#) == expected)
        #expect(try order(#"{"note":null,"expected_total":5.0,"items":[{"quantity":2,"s\u006bu":"A"}]}"#) == expected)
    }

    @Test("all errors are told at once, each with its pointer")
    func allErrors() throws {
        let text = #"{"items":[{"sku":"","quantity":0},{"sku":7,"qty~/":1},3],"expected_total":"x","nota":1}"#
        #expect(
            try errors(text) == [
                "/items/0/sku: must have 1 to 8 characters", "/items/0/quantity: must be an integer from 1 to 100",
                "/items/1/sku: must be a string", "/items/1/quantity: is missing",
                "/items/1/qty~0~1: is not a known field",
                "/items/2: must be an object", "/expected_total: must be an integer", "/nota: is not a known field",
            ])
    }

    @Test("what has to have a character may not be blank", arguments: [" ", "\\t", "\\u00a0", "\\u3000 "])
    func blank(text: String) throws {
        #expect(
            try errors(#"{"items":[{"sku":"\#(text)","quantity":1}]}"#) == ["/items/0/sku: must not be blank"])
        #expect(try order(#"{"items":[{"sku":"A B","quantity":1}],"note":"\#(text)"}"#).note != nil)
    }

    @Test(
        "numbers that are no integer of the range are refused",
        arguments: ["1.5", "1e400", "-1", "9223372036854775808", "1001"])
    func numbers(number: String) throws {
        #expect(
            try errors(#"{"items":[{"sku":"A","quantity":1}],"expected_total":\#(number)}"#)
                == ["/expected_total: must be an integer from 0 to 1000"])
    }

    @Test("arrays are held to their count, and the text to an object")
    func shape() throws {
        #expect(try errors(#"{"items":[]}"#) == ["/items: must have 1 to 3 elements"])
        #expect(try errors(#"{"items":[1,2,3,4]}"#) == ["/items: must have 1 to 3 elements"])
        #expect(try errors(#"{"items":{}}"#) == ["/items: must be an array"])
        #expect(try errors(#"{"items":null}"#) == ["/items: must be an array"])
        #expect(try errors("[]") == [": must be an object"])
        #expect(try errors("{}") == ["/items: is missing"])
    }

    @Test("lengths count characters and not bytes")
    func lengths() throws {
        #expect(try order(#"{"items":[{"sku":"éééééééé","quantity":1}]}"#).items.count == 1)
        #expect(
            try errors(#"{"items":[{"sku":"ééééééééé","quantity":1}]}"#) == [
                "/items/0/sku: must have 1 to 8 characters"
            ])
    }

    @Test("the number of errors told is bounded")
    func bounded() throws {
        let members = (0..<60).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(try errors("{\(members)}").count == FieldErrors.countMax)
    }

    @Test("closed sets, booleans, strings, maps, parsed values and refusals of one's own")
    func others() throws {
        func decode(_ text: String) throws -> String {
            try JSONDocument([UInt8](text.utf8)).decode { (body: inout ObjectReader) -> String? in
                let colour = body.choice("colour", of: Colour.self)
                let on = body.boolean("on")
                let tags = body.strings("tags", count: 0...2, length: 1...3)
                let map = body.optionalStringMap("map", count: 0...2, keyLength: 1...3, valueLength: 0...3)
                let even = body.value("even", "must be even") { Int($0).flatMap { $0 % 2 == 0 ? $0 : nil } }
                if on == false { return body.refuse("on", "must be on") }
                guard let colour, let on, let tags, let even else { return nil }
                return "\(colour) \(on) \(tags) \(map.map { $0.map { "\($0.key)=\($0.value)" } } ?? []) \(even)"
            }
        }
        #expect(
            try decode(#"{"colour":"red","on":true,"tags":["a"],"map":{"z":"1","a":"2"},"even":"4"}"#)
                == #"red true ["a"] ["z=1", "a=2"] 4"#)
        #expect(
            throws: FieldErrors([
                FieldError(pointer: "/colour", detail: "must be one of red, green"),
                FieldError(pointer: "/tags/1", detail: "must have 1 to 3 characters"),
                FieldError(pointer: "/map/a", detail: "must be a string"),
                FieldError(pointer: "/even", detail: "must be even"), FieldError(pointer: "/on", detail: "must be on"),
            ])
        ) { try decode(#"{"colour":"blue","on":false,"tags":["a","long"],"map":{"a":1},"even":"3"}"#) }
    }
}
