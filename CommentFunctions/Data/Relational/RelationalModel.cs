using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace CommentFunctions.Data.Relational;

/// <summary>What relational databases have on top of the common model.</summary>
public sealed class RelationalModel(ModelCustomizerDependencies dependencies) : RelationalModelCustomizer(dependencies)
{
    public override void Customize(ModelBuilder modelBuilder, DbContext context)
    {
        base.Customize(modelBuilder, context);
        foreach (var kind in RecordKinds.Related)
        {
            var records = modelBuilder.Entity(kind.Type);
            records.HasIndex(kind.Time!);
            if (kind.SortedBy is { } sorted && sorted != kind.Time)
            {
                records.HasIndex(kind.PartitionKey!, sorted);
            }
        }

        modelBuilder.Entity<ConversationExchange>().ToTable("ConversationExchanges");
        // Of several that take over a claim whose holder died, one finds it as it was.
        modelBuilder.Entity<DeliveredReply>().Property(reply => reply.DeliveredAt).IsConcurrencyToken();
        context.GetService<CommentSchema>().Configure(modelBuilder, context);
    }
}

/// <summary>One model for each schema and its settings, where the context's type alone would mean one for the process.</summary>
public sealed class RelationalModelKey : IModelCacheKeyFactory
{
    public object Create(DbContext context, bool designTime) =>
        (context.GetType(), context.GetService<CommentSchema>().ModelKey, designTime);
}
