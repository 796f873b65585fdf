using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Expiry;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace CommentFunctions.Comments.Stores;

/// <summary>What relational databases have on top of the common model: indexes, and comments that go with their user.</summary>
public sealed class RelationalModel(ModelCustomizerDependencies dependencies) : RelationalModelCustomizer(dependencies)
{
    /// <inheritdoc/>
    public override void Customize(ModelBuilder modelBuilder, DbContext context)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        base.Customize(modelBuilder, context);
        modelBuilder.Entity<Comment>(comment =>
        {
            comment.HasOne<User>().WithMany().HasForeignKey(c => c.UserName).OnDelete(DeleteBehavior.Cascade);
            // The bot's question, a user's latest comment, and the pages of a listing are one step in this index.
            comment.HasIndex(c => new { c.UserName, c.CreatedAt, c.Id }).IsDescending(false, true, true);
            comment.HasIndex(c => c.CreatedAt);
        });
        modelBuilder.Entity<ConversationTurn>(turn =>
        {
            turn.HasIndex(t => new { t.Conversation, t.ReceivedAt });
            turn.HasIndex(t => t.KeptSince);
        });
        modelBuilder.Entity<DeliveredReply>().HasIndex(r => r.DeliveredAt);
        modelBuilder.Entity<ExpiryRun>().HasIndex(r => r.StartedAt);
    }
}
