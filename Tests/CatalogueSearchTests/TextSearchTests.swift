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
        // From two letters on: one is a word, and no beginning.
        #expect(try await index.ids("ba") == ["bag", "clock"])
        #expect(try await index.ids("b") == [])
        #expect(try await index.ids("light t") == ["holder"])
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

    /// Whatever the number of products that have the word.
    @Test(arguments: 1...4)
    func aWordThatIsInTheCatalogueFindsTheSameHoweverManyHaveIt(count: Int) async throws {
        let forms = (1...count).map { "form\($0)" }
        let index = try await CatalogueIndex.holding(
            forms.map { .sample($0, "Form") } + [.sample("from", "From Afar"), .sample("forms", "Two Forms")])
        let page = try await index.search(CatalogueQuery(text: "form", sort: .newest))
        #expect(Set(page.productIDs) == Set(forms + ["forms"]))
        #expect(!page.forgaveTypos)
        #expect(try await index.ids("from") == ["from"])
    }

    @Test func aTypoIsForgivenInTheWordThatNoProductHas() async throws {
        let index = try await CatalogueIndex.holding([
            .sample("a", "White Lantern"), .sample("b", "Write Lantern"), .sample("c", "White Chair"),
        ])
        let page = try await index.search(CatalogueQuery(text: "white lanttern"))
        #expect(page.productIDs == ["a"])
        #expect(page.forgaveTypos)
    }

    @Test func aTypoForgivenOnThePageBeforeIsForgivenOnTheNext() async throws {
        let index = try await CatalogueIndex.holding((0..<7).map { .sample("p\($0)", "Lantern \($0)") })
        let query = CatalogueQuery(text: "lantrn", sort: .title, limit: 3)
        #expect(try await index.allPages(query) == (0..<7).map { "p\($0)" })
        let first = try await index.search(query)
        try await index.apply([.product(.sample("new", "Lantrn"))], through: .init(2))
        var next = query
        next.cursor = first.nextCursor
        #expect(try await index.ids(next) == ["p3", "p4", "p5"])
    }

    // MARK: - One word, written otherwise

    private func shop() async throws -> CatalogueIndex {
        try await .holding([
            product("router", "Wi-Fi Router", skus: ["NOR.0707-60", "RT 1/2"]),
            product("wifi", "WiFi Plug", skus: ["W-1"]), product("space", "Wi Fi Bulb", skus: ["W-2"]),
            product("dash", "Filter E-1", skus: ["F-1"]), product("joined", "Filter E1", skus: ["F-2"]),
            product("knives", "Knives, Set of Six", skus: ["K-1"]), product("knife", "Bread Knife", skus: ["K-2"]),
            product("street", "Straße im Regen", skus: ["P-1"]), product("strasse", "Eine Strasse", skus: ["P-2"]),
            product("tea", "有機日本茶", skus: ["T-1"]), product("plain", "日本茶", skus: ["T-2"]),
            product("kana", "ﾜｲﾔﾚスキーボード", skus: ["J-1"]), product("korean", "무선키보드", skus: ["J-2"]),
            product("micron", "Filter 10\u{b5}m", skus: ["Q-1"]), product("mu", "Mesh 10 \u{3bc}m", skus: ["Q-2"]),
            product("square", "Carpet 12 m²", skus: ["C-1"]), product("full", "Ｔシャツ １２３", skus: ["C-2"]),
            product("beans", "Coeur d’Œuvre", skus: ["B-1"]), product("fish", "Fisher's ﬁsh pie", skus: ["B-2"]),
            product("mens", "Men's Shoes", skus: ["S-1"]), product("t", "T-Shirts", skus: ["S-2"]),
            product("quiet", "Smørrebrød & Łódź", skus: ["S-3"]), product("brand", "Acme™ Glue", skus: ["S-4"]),
        ])
    }

    private func product(_ id: String, _ title: String, skus: [String]) -> CatalogueDocument {
        CatalogueDocument(
            productID: id, title: title, variants: skus.map { .init(sku: $0, amount: 1, currency: "GBP") },
            createdAt: .zero)
    }

    @Test(arguments: [
        ("NOR.0707-60", ["router"]), ("nor 0707 60", ["router"]), ("nor070760", ["router"]), ("NOR.0707", ["router"]),
        ("0707-60", ["router"]), ("nor.07", ["router"]), ("RT 1/2", ["router"]), ("NOR.0708-60", []), ("W-1", ["wifi"]),
        ("w1", ["wifi"]),
        ("wifi", ["wifi", "router", "space"]), ("wi-fi", ["space", "router", "wifi"]),
        ("Wi Fi", ["space", "router", "wifi"]), ("WI‑FI", ["space", "router", "wifi"]), ("wif", ["wifi", "router"]),
        ("wifi router", ["router"]), ("wi fi plug", ["wifi"]),
        ("e1", ["joined", "dash"]), ("E-1", ["dash", "joined"]), ("e 1", ["dash", "joined"]),
        ("knife", ["knife", "knives"]), ("knives", ["knives", "knife"]), ("KNIVES", ["knives", "knife"]),
        ("shoe", ["mens"]), ("bulbs", ["space"]), ("filters", ["micron", "joined", "dash"]),
        ("STRASSE", ["strasse", "street"]), ("straße", ["strasse", "street"]), ("STRAẞE", ["strasse", "street"]),
        ("日本茶", ["plain", "tea"]), ("有機", ["tea"]), ("本茶", ["tea", "plain"]), ("茶", ["tea", "plain"]), ("日茶", []),
        ("ワイヤレス", ["kana"]), ("キーボード", ["kana"]), ("키보드", ["korean"]), ("무선 키보드", ["korean"]),
        ("10um", ["micron", "mu"]), ("10 um", ["mu", "micron"]), ("10µm", ["micron", "mu"]),
        ("10\u{3bc}m", ["micron", "mu"]),
        ("12m2", ["square"]), ("m2", ["square"]), ("12 m²", ["square"]),
        ("123", ["full"]), ("tシャツ", ["full"]), ("シャツ", ["full"]), ("１２３", ["full"]),
        ("oeuvre", ["beans"]), ("cœur", ["beans"]), ("fish", ["fish"]), ("ﬁsher", ["fish"]), ("fishers", ["fish"]),
        ("mens", ["mens"]), ("men's", ["mens"]), ("man", ["mens"]), ("tshirt", ["t"]), ("t-shirt", ["t"]),
        ("t shirts", ["t"]), ("smorrebrod", ["quiet"]), ("lodz", ["quiet"]), ("acme glue", ["brand"]),
    ])
    func isFoundHoweverItIsWritten(text: String, expected: [String]) async throws {
        let page = try await shop().search(CatalogueQuery(text: text))
        #expect(Set(page.productIDs) == Set(expected), "\(text): \(page.productIDs)")
        #expect(page.productIDs.first == expected.first, "\(text): \(page.productIDs)")
        #expect(!page.forgaveTypos)
    }

    @Test(arguments: [
        ("knife", "knives"), ("wolf", "wolves"), ("leaf", "leaves"), ("shelf", "shelves"), ("glove", "gloves"),
        ("roof", "roofs"), ("scarf", "scarves"), ("scarf", "scarfs"), ("cuff", "cuffs"), ("berry", "berries"),
        ("cookie", "cookies"), ("pie", "pies"), ("monkey", "monkeys"), ("box", "boxes"), ("axe", "axes"),
        ("glass", "glasses"), ("dish", "dishes"), ("watch", "watches"), ("tomato", "tomatoes"), ("shoe", "shoes"),
        ("bus", "buses"), ("vase", "vases"), ("house", "houses"), ("lens", "lenses"), ("nurse", "nurses"),
        ("canvas", "canvases"), ("child", "children"), ("mouse", "mice"), ("woman", "women"), ("foot", "feet"),
        ("ski", "skis"),
    ])
    func aWordAndItsPluralHaveOneStem(singular: String, plural: String) {
        #expect(Stem.of(singular) == Stem.of(plural))
    }

    @Test func wordsOfOtherMeaningsHaveOtherStems() {
        let words = [
            "lantern", "clock", "glass", "glove", "leaf", "bus", "berry", "bear", "form", "from", "2010s", "tea",
        ]
        #expect(Set(words.map(Stem.of)).count == words.count)
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
