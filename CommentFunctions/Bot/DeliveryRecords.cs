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
    /// How long a claim holds, unless it is given back: longer than an attempt goes on that began in time. Whoever held it has died then,
    /// and nobody knows whether the reply was sent.
    /// </summary>
    public static readonly TimeSpan ClaimLifetime = TimeSpan.FromSeconds(45);

    // A channel tries for 30 seconds at the most.
    private static readonly TimeSpan LatestSend = TimeSpan.FromSeconds(10);

    // Asked once for each reply: compiled once. The whole record, for Cosmos DB reads that by its key.
    private readonly Func<CommentDbContext, string, CancellationToken, Task<DeliveredReply?>> query =
        EF.CompileAsyncQuery((CommentDbContext db, string id, CancellationToken cancellationToken) =>
            db.DeliveredReplies.FirstOrDefault(r => r.Id == id));

    /// <summary>Whether the reply with this id was delivered.</summary>
    public async Task<bool> ContainsAsync(CommentDbContext db, string id, CancellationToken cancellationToken) =>
        await query(db, id, cancellationToken) is not null;

    /// <summary>Claims a reply for an attempt to send it; null where it was delivered since somebody looked.</summary>
    /// <exception cref="TransientChannelException">Another attempt holds it; it says for how long at the most.</exception>
    public async Task<DeliveredReply?> ClaimAsync(CommentDbContext db, string replyId, CancellationToken cancellationToken)
    {
        var claim = new DeliveredReply { Id = DeliveredReply.ClaimOn(replyId), DeliveredAt = clock.GetUtcNow() };
        db.DeliveredReplies.Add(claim);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return claim;
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            if (await query(db, claim.Id, cancellationToken) is not { } held)
            {
                throw;
            }

            await TakeOverAsync(db, held, cancellationToken);
            return await ContainsAsync(db, replyId, cancellationToken) ? null : held;
        }
    }

    /// <summary>Records that a reply did not arrive; false where that was recorded before.</summary>
    public async Task<bool> RecordFailureAsync(CommentDbContext db, string replyId, CancellationToken cancellationToken)
    {
        var failure = new DeliveredReply { Id = DeliveredReply.FailureOf(replyId), DeliveredAt = clock.GetUtcNow() };
        db.DeliveredReplies.Add(failure);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            if (!await ContainsAsync(db, failure.Id, cancellationToken))
            {
                throw;
            }

            return false;
        }
    }

    /// <summary>Sees to it that a send that begins now ends before the claim does.</summary>
    /// <exception cref="TransientChannelException">It would not: the store took too long.</exception>
    public void RequireFresh(DeliveredReply claim)
    {
        if (clock.GetUtcNow() - claim.DeliveredAt > LatestSend)
        {
            throw new TransientChannelException("The store was so slow that the claim to send the reply grew old.");
        }
    }

    /// <summary>Gives a claim back after an attempt that failed, so that the next one need not wait for its end.</summary>
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
