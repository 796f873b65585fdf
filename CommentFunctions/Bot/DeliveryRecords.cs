using CommentFunctions.Data;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Bot;

/// <summary>
/// The records of deliveries, and the claims on replies that are being sent: of several attempts at once, in whatever process, the
/// store's unique key lets one send. An instance belongs to one store's model.
/// </summary>
public sealed class DeliveryRecords(TimeProvider clock)
{
    /// <summary>
    /// How long a claim holds, unless it is released: longer than an attempt that began in time. A claim that becomes older belongs to an
    /// attempt that died, and whether that one sent the reply is unknown.
    /// </summary>
    public static readonly TimeSpan ClaimLifetime = TimeSpan.FromSeconds(45);

    // A channel tries for 30 seconds at the most.
    private static readonly TimeSpan LatestSend = TimeSpan.FromSeconds(10);

    // Run for each reply, so compiled once. It reads the whole record, which Cosmos DB reads by its key.
    private readonly Func<CommentDbContext, string, CancellationToken, Task<DeliveredReply?>> query =
        EF.CompileAsyncQuery((CommentDbContext db, string id, CancellationToken cancellationToken) =>
            db.DeliveredReplies.FirstOrDefault(r => r.Id == id));

    /// <summary>Whether the reply with this id was delivered.</summary>
    public async Task<bool> ContainsAsync(CommentDbContext db, string id, CancellationToken cancellationToken) =>
        await query(db, id, cancellationToken) is not null;

    /// <summary>
    /// Records a delivery, or a failure under <see cref="DeliveredReply.FailureOf"/> its reply, and saves what else the context holds; false
    /// where it was recorded before.
    /// </summary>
    public async Task<bool> RecordAsync(CommentDbContext db, string id, CancellationToken cancellationToken) =>
        await AddAsync(db, NewRecord(id), cancellationToken) is null;

    /// <summary>Claims a reply for an attempt to send it; null where it has been delivered meanwhile.</summary>
    /// <exception cref="TransientChannelException">Another attempt holds it; it says for how long at the most.</exception>
    public async Task<DeliveredReply?> ClaimAsync(CommentDbContext db, string replyId, CancellationToken cancellationToken)
    {
        var claim = NewRecord(DeliveredReply.ClaimOn(replyId));
        if (await AddAsync(db, claim, cancellationToken) is not { } held)
        {
            return claim;
        }

        await TakeOverAsync(db, held, cancellationToken);
        return await ContainsAsync(db, replyId, cancellationToken) ? null : held;
    }

    /// <summary>Ensures that a send that begins now ends before the claim does.</summary>
    /// <exception cref="TransientChannelException">It would not: the store took too long.</exception>
    public void RequireFresh(DeliveredReply claim)
    {
        if (clock.GetUtcNow() - claim.DeliveredAt > LatestSend)
        {
            throw new TransientChannelException("The store was so slow that the claim to send the reply grew old.");
        }
    }

    /// <summary>Releases a claim after an attempt that failed, so that the next one need not wait for its end.</summary>
    public static async Task ReleaseAsync(CommentDbContext db, DeliveredReply claim)
    {
        db.DeliveredReplies.Remove(claim);
        try
        {
            await db.SaveChangesAsync(CancellationToken.None);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Another attempt took it over.
        }
    }

    private DeliveredReply NewRecord(string id) => new() { Id = id, DeliveredAt = clock.GetUtcNowInMilliseconds() };

    /// <summary>Adds and saves the record; returns the one that has its id already, with nothing else in the context, and null for none.</summary>
    private async Task<DeliveredReply?> AddAsync(CommentDbContext db, DeliveredReply record, CancellationToken cancellationToken)
    {
        db.DeliveredReplies.Add(record);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return null;
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            if (await query(db, record.Id, cancellationToken) is { } earlier)
            {
                return earlier;
            }

            throw;
        }
    }

    // Its time is the concurrency token: of several that find it out of date, one changes it.
    private async Task TakeOverAsync(CommentDbContext db, DeliveredReply held, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (held.DeliveredAt + ClaimLifetime is var end && end > now)
        {
            throw HeldByAnother(end - now);
        }

        held.DeliveredAt = now;
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw HeldByAnother(ClaimLifetime);
        }
    }

    private static TransientChannelException HeldByAnother(TimeSpan left) => new("Another attempt to send it is under way, or died.", left);
}
