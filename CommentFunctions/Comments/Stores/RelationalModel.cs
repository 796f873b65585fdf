using CommentFunctions.Bot;
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
        foreach (var kind in RecordKinds.Traces)
        {
            var records = modelBuilder.Entity(kind.Type);
            records.HasIndex(kind.Time!);
            if (kind.SortedBy is { } sorted && sorted != kind.Time)
            {
                records.HasIndex(kind.PartitionKey!, sorted);
            }
        }

        // Of several that take over a claim whose holder died, one finds it as it was.
        modelBuilder.Entity<DeliveredReply>().Property(reply => reply.DeliveredAt).IsConcurrencyToken();
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
