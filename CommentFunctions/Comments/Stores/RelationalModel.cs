using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Expiry;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace CommentFunctions.Comments.Stores;

/// <summary>What relational databases have on top of the common model.</summary>
public sealed class RelationalModel(ModelCustomizerDependencies dependencies) : RelationalModelCustomizer(dependencies)
{
    /// <inheritdoc/>
    public override void Customize(ModelBuilder modelBuilder, DbContext context)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        base.Customize(modelBuilder, context);
        modelBuilder.Entity<ConversationTurn>(turn =>
        {
            turn.HasIndex(t => new { t.Conversation, t.ReceivedAt });
            turn.HasIndex(t => t.KeptSince);
        });
        modelBuilder.Entity<DeliveredReply>().HasIndex(r => r.DeliveredAt);
        modelBuilder.Entity<ExpiryRun>().HasIndex(r => r.StartedAt);
        context.GetService<CommentTables>().Configure(modelBuilder, context);
    }
}

/// <summary>One model for each schema and its settings, where the context's type alone would mean one for the process.</summary>
public sealed class RelationalModelKey : IModelCacheKeyFactory
{
    /// <inheritdoc/>
    public object Create(DbContext context, bool designTime) =>
        (context.GetType(), context.GetService<CommentTables>().ModelKey, designTime);
}
