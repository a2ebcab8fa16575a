import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Orders, and what the stock says was done for them.
extension ShopAudit {
    // MARK: - Orders

    mutating func note(_ change: Change<Order>, _ moment: Moment) {
        let id = change.id
        touched.touch(id)
        var changed = Touched.ChangedOrder(id: id, made: change.made, isWhole: change.isWhole)
        for event in change.earlier { noteDemand(of: event, in: change, moment) }
        for event in change.events {
            noteDemand(of: event, in: change, moment)
            switch event {
            case .placed:
                changed.isPlaced = true
                withBook(of: id) { _ in }
            case .paid:
                changed.isPaid = true
                if let place = books.place(of: id) { books[at: place].paid = moment.index }
                noteCharge(of: change.made.value, at: moment.place)
            default: break
            }
        }
        touched.changedOrders.append(changed)
    }

    private mutating func noteDemand(of event: Order.Event, in change: Change<Order>, _ moment: Moment) {
        guard let demand = event.demand(of: change.made.value) else { return }
        withBook(of: change.id) { $0.note(demand, at: moment.index) }
    }

    /// Writes into the book of an order, which is opened if it is not.
    private mutating func withBook(of id: OrderID, _ write: (inout OrderBook) -> Void) {
        if let place = books.place(of: id) { return write(&books[at: place]) }
        var book = OrderBook(endedBefore: squared[id])
        write(&book)
        books.append(book, for: id)
    }

    mutating func noteCharge(of order: Order, at place: Place) {
        guard let charge = order.charge, let total = order.total, total.amount > 0 else { return }
        charges += 1
        values[total.currency] = (values[total.currency] ?? 0).addingUpToMax(total.amount)
        if let other = chargedOrders.updateValue(order.id, for: charge) {
            find("\(order.id) is paid by charge \(charge), which paid \(other)", at: place)
        }
    }

    // MARK: - Stock

    mutating func takeStock(_ entry: RecordBody.Entry, _ moment: Moment) {
        guard let sku = SKU(encoded: entry.id) else { return find("a name that is no SKU", at: moment.place) }
        checkHome(sku, moment)
        var problems: [String] = []
        booked.removeAll(keepingCapacity: true)
        stocks[sku, default: StockLedger()].take(entry, of: sku, at: moment.time, &booked, &problems)
        for problem in problems { find(problem, at: moment.place) }
        for event in booked { note(event, of: sku) }
    }

    private mutating func note(_ event: Stock.Event, of sku: SKU) {
        switch event {
        case .reserved(.order(let id), let units, _):
            move(id, sku) {
                $0.reserved += units.rawValue
                $0.holds += 1
            }
        case .released(.order(let id), let units): move(id, sku) { $0.released += units.rawValue }
        case .fulfilled(.order(let id), let units): move(id, sku) { $0.taken += units.rawValue }
        case .restocked(let units, let id): move(id, sku) { $0.back += units.rawValue }
        default: break
        }
    }

    private mutating func move(_ id: OrderID, _ sku: SKU, _ move: (inout OrderBook.Moves) -> Void) {
        touched.touch(id)
        withBook(of: id) { move(&$0.moves[sku, default: OrderBook.Moves()]) }
    }

    /// A saved state's hold of an order.
    mutating func begin(_ hold: Reservation, of sku: SKU) {
        guard case .order(let id) = hold.id else { return }
        books[id, default: OrderBook(endedBefore: nil)].moves[sku] = OrderBook.Moves(
            reserved: hold.units.rawValue, holds: 1)
    }

    // MARK: - Each against the other

    /// Judges an order against what was done for it.
    ///
    /// - Parameters:
    ///   - home: the shard whose part alone can be judged now; nil for all of them.
    ///   - ends: of the logs, when these are one replica's: what one shard did for another may be missing then on
    ///     either side.
    mutating func judge(_ id: OrderID, on home: ShardID?, at place: Place, replicaEndingAt ends: [LogIndex]? = nil) {
        guard let book = books[id], !reported.contains(id) else { return }
        let known = touched.order(id) ?? orders.standing(id)
        guard let known, known.state.value.status != nil else {
            guard home == nil || isHome(id, home!) else { return }
            reported.insert(id)
            let what = "stock is moved for \(id), which was never placed"
            guard let ends, book.moves.allSatisfy({ isYetToCome(id, $0, $1, ends) }) else {
                return find(what, at: place)
            }
            return unfitting.add(what, at: place)
        }
        // Asked of the few that came back.
        func mayLackRoom(_ sku: SKU) -> Bool { stocks[sku]?.wasFull ?? false }
        var isSquare = !known.state.value.isInMotion
        for line in lines(of: known.state.value, known.isWhole, book) {
            let shard = shard(of: line.sku.slot)
            let mismatch =
                if let home, home != shard || !isHome(id, home) {
                    line.excess
                } else {
                    book.mismatch(
                        line, of: known.state.value, mayLackRoom: mayLackRoom,
                        doneThrough: doneThrough(of: id, on: shard, isReplica: ends != nil))
                }
            if let mismatch {
                if let ends, isYetToCome(mismatch, id, book, line.sku, ends) {
                    unfitting.add("\(id): \(mismatch.what)", at: place)
                    isSquare = false
                    continue
                }
                reported.insert(id)
                return find("\(id): \(mismatch.what)", at: place)
            }
            isSquare = isSquare && book.isSquare(line, mayLackRoom: mayLackRoom)
        }
        guard isSquare else { return }
        books.removeValue(for: id)
        // Of an order whose beginning is gone too: stock that has yet to hear of its end holds units until then.
        if book.end != nil || known.isWhole { squared[id] = book.end ?? .zero }
    }

    /// What the order wants of each SKU, and then what was moved for it without being wanted.
    private func lines(of order: Order, _ isWhole: Bool, _ book: OrderBook) -> [OrderBook.Line] {
        let home = shard(of: order.id.slot)
        func line(_ sku: SKU, _ wanted: Int64) -> OrderBook.Line {
            OrderBook.Line(
                sku: sku, wanted: wanted, moves: book.moves[sku],
                isWhole: isWhole && (areStocksWhole || stocks[sku]?.isWhole ?? true),
                shownBehind: shard(of: sku.slot) == home ? logs[Int(home.rawValue)].savedThrough : nil)
        }
        let lines = order.holds.map { line($0.sku, $0.units.rawValue) }
        let moved = lines.count { $0.moves != nil }
        guard moved < book.moves.count else { return lines }
        let wanted = Set(order.holds.map(\.sku))
        return lines + book.moves.map(\.key).filter { !wanted.contains($0) }.map { line($0, 0) }
    }

    /// The last record of the order whose demand has been done on `shard`: with the record itself on its own, and
    /// elsewhere once the inventory consumer has come so far there, or has come past it altogether; a replica may know
    /// that and not have what was done. Nil when the consumer has not begun.
    private func doneThrough(of id: OrderID, on shard: ShardID, isReplica: Bool) -> LogIndex? {
        let home = self.shard(of: id.slot)
        guard home != shard else { return LogIndex(.max) }
        return (isReplica ? [shard] : [shard, home]).compactMap { target in
            positions[ConsumerPositionID(consumer: .inventory, source: home, slot: Slot(target.rawValue))]?.position
        }.max()
    }

    // MARK: - The logs of one replica

    /// Whether the log of an order's shard ends before the record that explains a mismatch, or that of the stock does.
    private func isYetToCome(
        _ mismatch: OrderBook.Mismatch, _ id: OrderID, _ book: OrderBook, _ sku: SKU, _ ends: [LogIndex]
    ) -> Bool {
        let (home, target) = (shard(of: id.slot), shard(of: sku.slot))
        guard home != target else { return false }
        return switch mismatch.cause {
        case .damage: false
        case .stockBehind: followed(home, on: target) < book.paid ?? .zero
        case .orderBehind: followed(home, on: target) > ends[Int(home.rawValue)]
        case .endUnknown: followed(home, on: target) < ends[Int(home.rawValue)]
        }
    }

    /// Whether an order that its shard does not know may have been placed behind the end of the log there.
    private func isYetToCome(_ id: OrderID, _ sku: SKU, _ moves: OrderBook.Moves, _ ends: [LogIndex]) -> Bool {
        let (home, target) = (shard(of: id.slot), shard(of: sku.slot))
        guard home != target else { return false }
        // Units are held before the order's log is followed any further.
        let isHeldOnly = moves.standing == moves.reserved && moves.back == 0
        return isHeldOnly || followed(home, on: target) > ends[Int(home.rawValue)]
    }

    /// How far the inventory consumer has followed one shard on another.
    private func followed(_ source: ShardID, on target: ShardID) -> LogIndex {
        position(ConsumerPositionID(consumer: .inventory, source: source, slot: Slot(target.rawValue)))
    }
}
