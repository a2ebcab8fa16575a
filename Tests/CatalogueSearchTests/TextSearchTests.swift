import Testing

@testable import CatalogueSearch

@Suite struct TextSearchTests {
    private func homeware() async throws -> CatalogueIndex {
        try await .holding([
            .sample("lantern", "White Hanging Lantern", brand: "Lumière", category: ["Home", "Lighting"]),
            .sample("holder", "Heart T-Light Holder", description: "Pairs with the white lantern", category: ["Home"]),
            .sample("cafe", "Café au Lait Bowl", brand: "Émile", category: ["Kitchen", "Crockery"]),
            .sample("clock", "Alarm Clock Bakelike Red", category: ["Home", "Clocks"]),
            .sample("doll", "Red Retrospot Doll", category: ["Toys"]),
            .sample("bag", "Jumbo Bag Red Retrospot", category: ["Bags"]),
            .sample("secret", "Secret Lantern", isActive: false),
        ])
    }

    @Test func everyWordMustOccurSomewhereInTheProduct() async throws {
        let index = try await homeware()
        #expect(try await index.ids("red retrospot") == ["doll", "bag"])
        #expect(try await index.ids("lighting lumiere") == ["lantern"])
        #expect(try await index.ids("alarm retrospot") == [])
    }

    @Test func caseAndAccentsDoNotMatter() async throws {
        let index = try await homeware()
        for text in ["CAFE", "café", "Cafe\u{301}", "emile", "ÉMILE", "au   lait"] {
            #expect(try await index.ids(text) == ["cafe"], "\(text)")
        }
    }

    @Test func theLastWordMayBeABeginningAndTheOthersMayNot() async throws {
        let index = try await homeware()
        #expect(try await index.ids("red retro") == ["doll", "bag"])
        #expect(try await index.ids("retro red") == [])
        #expect(try await index.ids("bakeli") == ["clock"])
    }

    @Test func aTitleCountsForMoreThanADescriptionAndAShortTitleForMoreThanALong() async throws {
        let index = try await homeware()
        #expect(try await index.ids("lantern") == ["lantern", "holder"])
        #expect(try await index.ids("jumbo") == ["bag"])
        let longer = try await CatalogueIndex.holding([
            .sample("long", "Lantern With A Great Many Other Words In Its Title"), .sample("short", "Lantern"),
        ])
        #expect(try await longer.ids("lantern") == ["short", "long"])
    }

    @Test func aWholeWordCountsForMoreThanABeginning() async throws {
        let index = try await CatalogueIndex.holding([
            .sample("clocks", "Clockwork Mouse"), .sample("clock", "Clock Tower"),
        ])
        #expect(try await index.ids("clock") == ["clock", "clocks"])
    }

    @Test(arguments: ["lantrn", "lanntern", "lamtern", "lantenr", "alntern", "lanterm", "xlantern", "antern"])
    func oneTypoIsForgiven(text: String) async throws {
        let page = try await homeware().search(CatalogueQuery(text: text))
        #expect(page.productIDs == ["lantern", "holder"])
        #expect(page.forgaveTypos)
    }

    @Test func oneTypoInEachWordIsForgiven() async throws {
        #expect(try await homeware().ids("hnaging lantren") == ["lantern"])
    }

    @Test(arguments: ["lntrn", "lanternnn", "lnatenr"])
    func twoTyposInAWordAreNot(text: String) async throws {
        #expect(try await homeware().ids(text) == [])
    }

    @Test func shortWordsAndNumbersAreMeantAsTheyAre() async throws {
        let index = try await CatalogueIndex.holding([.sample("a", "Red Mug 2010"), .sample("b", "Mug Tree")])
        #expect(try await index.ids("rad") == [])
        #expect(try await index.ids("2011") == [])
        #expect(try await index.ids("teee") == ["b"])
    }

    @Test func typosAreForgivenOnlyForWantOfHits() async throws {
        let index = try await CatalogueIndex.holding(
            (1...3).map { .sample("form\($0)", "Form \($0)") } + [.sample("from", "From Afar")])
        let enough = try await index.search(CatalogueQuery(text: "form"))
        #expect(enough.productIDs.count == 3)
        #expect(!enough.forgaveTypos)
        let few = try await index.search(CatalogueQuery(text: "from"))
        #expect(few.productIDs.first == "from")
        #expect(few.productIDs.count == 4)
        #expect(few.forgaveTypos)
    }

    @Test func textWithoutWordsFindsNothingAndBlankTextEverything() async throws {
        let index = try await homeware()
        #expect(try await index.ids("***") == [])
        #expect(try await index.ids("🦊") == [])
        #expect(try await index.ids(" \n").count == 6)
        #expect(try await index.search(CatalogueQuery(text: "***", wantsFacets: true)).facets?.brands == [])
    }

    @Test func changedTextsAreFoundByTheNewWordsOnly() async throws {
        let index = try await homeware()
        try await index.apply([.product(.sample("bag", "Spotty Tote"))], through: .init(2))
        #expect(try await index.ids("jumbo") == [])
        #expect(try await index.ids("tote") == ["bag"])
    }

    @Test(arguments: [
        ("abcd", "acbd", true), ("abcd", "abdc", true), ("abcd", "bacd", true), ("abcd", "abcd", true),
        ("abcd", "abc", true),
        ("abcd", "xabcd", true), ("abcd", "axcd", true), ("aaaa", "aaa", true), ("abcd", "badc", false),
        ("abcd", "ab", false),
        ("abcd", "cbad", false), ("abcd", "axyd", false),
    ])
    func oneEditIsADamerauLevenshteinDistanceOfOne(left: String, right: String, isOneEdit: Bool) {
        #expect(Misspelling.isOneEdit(Array(left.unicodeScalars), Array(right.unicodeScalars)) == isOneEdit)
        #expect(Misspelling.isOneEdit(Array(right.unicodeScalars), Array(left.unicodeScalars)) == isOneEdit)
    }

    @Test func suggestionsAreOfEveryKindAndOfActiveProductsOnly() async throws {
        let index = try await homeware()
        try await index.apply([.unitsSold(productID: "bag", units: 9)], through: .init(2))
        #expect(
            try await index.suggest("lum") == [.init(kind: .brand, text: "Lumière")])
        #expect(
            try await index.suggest("re") == [
                .init(kind: .word, text: "red"), .init(kind: .word, text: "retrospot"),
                .init(kind: .title, text: "Red Retrospot Doll"), .init(kind: .title, text: "Alarm Clock Bakelike Red"),
                .init(kind: .title, text: "Jumbo Bag Red Retrospot"),
            ])
        #expect(try await index.suggest("lighting") == [.init(kind: .category, text: "Home / Lighting")])
        #expect(try await index.suggest("secret") == [])
        #expect(try await index.suggest("cafe au") == [.init(kind: .title, text: "Café au Lait Bowl")])
        #expect(try await index.suggest("re", limit: 2).count == 2)
        await #expect(throws: CatalogueSearchError.limitOutOfRange(max: 50)) { try await index.suggest("re", limit: 0) }
    }

    @Test func wordsOfAProductThatBecomesInactiveAreSuggestedNoMore() async throws {
        let index = try await CatalogueIndex.holding([.sample("a", "Zebra")])
        #expect(try await index.suggest("ze").map(\.kind) == [.word, .title])
        try await index.apply([.product(.sample("a", "Zebra", isActive: false))], through: .init(2))
        #expect(try await index.suggest("ze") == [])
        try await index.apply([.product(.sample("a", "Zebra"))], through: .init(3))
        #expect(try await index.suggest("ze").map(\.kind) == [.word, .title])
    }
}
