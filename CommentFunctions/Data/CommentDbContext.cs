using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CommentFunctions.Data;

/// <summary>
/// The app's data, on whichever store is configured; what differs between stores is in their <see cref="CommentStore"/>.
/// One context for one invocation.
/// </summary>
public sealed class CommentDbContext(DbContextOptions<CommentDbContext> options) : DbContext(options)
{
    /// <summary>Who wrote comments.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>The comments, expired ones included until the expiry job removes them.</summary>
    public DbSet<Comment> Comments => Set<Comment>();

    /// <summary>What the expiry job did.</summary>
    public DbSet<ExpiryRun> ExpiryRuns => Set<ExpiryRun>();

    /// <summary>Messages to the bot on the web, with its replies.</summary>
    public DbSet<ConversationExchange> ConversationExchanges => Set<ConversationExchange>();

    /// <summary>Replies that reached their channel.</summary>
    public DbSet<DeliveredReply> DeliveredReplies => Set<DeliveredReply>();

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default) =>
        this.GetService<CommentStore>().SaveAsync(this, acceptAllChangesOnSuccess, cancellationToken);

    /// <summary>Saves this context's changes in a transaction of its own, whatever the store has to say about that.</summary>
    internal Task<int> SaveAloneAsync(bool acceptAllChanges, CancellationToken cancellationToken) =>
        base.SaveChangesAsync(acceptAllChanges, cancellationToken);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
        configurationBuilder.Properties<TimeSpan>().HaveConversion<DurationMilliseconds>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<User>(user =>
        {
            user.HasKey(u => u.UserName);
            user.Property(u => u.UserName).HasMaxLength(UserNames.MaxLength);
        });
        modelBuilder.Entity<Comment>(comment =>
        {
            comment.Property(c => c.UserName).HasMaxLength(UserNames.MaxLength);
            comment.Property(c => c.Text).HasMaxLength(CommentText.MaxLength);
        });
        foreach (var records in RecordKinds.All.Select(kind => modelBuilder.Entity(kind.Type)))
        {
            // The app makes its ids itself, before it saves.
            foreach (var id in records.Metadata.GetProperties().Where(property => property.ClrType == typeof(Guid)))
            {
                id.ValueGenerated = ValueGenerated.Never;
            }
        }
    }
}

/// <summary>
/// Stores a time as Unix milliseconds. SQLite can neither order nor compare a DateTimeOffset, and ticks exceed the 53 bits that
/// Cosmos DB keeps of a number.
/// </summary>
public sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
    time => time.ToUnixTimeMilliseconds(),
    stored => DateTimeOffset.FromUnixTimeMilliseconds(stored));

/// <summary>Stores a duration as whole milliseconds, like the times beside it.</summary>
public sealed class DurationMilliseconds() : ValueConverter<TimeSpan, long>(
    duration => duration.Ticks / TimeSpan.TicksPerMillisecond,
    stored => TimeSpan.FromTicks(stored * TimeSpan.TicksPerMillisecond));
