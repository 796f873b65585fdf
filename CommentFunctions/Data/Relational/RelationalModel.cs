using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace CommentFunctions.Data.Relational;

/// <summary>What relational databases have on top of the common model.</summary>
public sealed class RelationalModel(ModelCustomizerDependencies dependencies) : RelationalModelCustomizer(dependencies)
{
    public override void Customize(ModelBuilder modelBuilder, DbContext context)
    {
        base.Customize(modelBuilder, context);
        foreach (var kind in RecordKinds.All)
        {
            var records = modelBuilder.Entity(kind.Type).ToTable(kind.Table);
            if (kind.Time is { } time)
            {
                records.HasIndex(time);
            }

            if (kind.SortedBy is { } sorted && sorted != kind.Time)
            {
                records.HasIndex(kind.PartitionKey!, sorted);
            }

            if (kind.ConcurrencyToken is { } token)
            {
                records.Property(token).IsConcurrencyToken();
            }
        }

        modelBuilder.Entity<SchemaVersion>(version =>
        {
            version.ToTable(SchemaVersions.Table).HasKey(v => v.Version);
            version.Property(v => v.Version).ValueGeneratedNever();
        });
        context.GetService<CommentSchema>().Configure(modelBuilder, context);
    }
}

/// <summary>One model for each schema and its settings, where the context's type alone would mean one for the process.</summary>
public sealed class RelationalModelKey : IModelCacheKeyFactory
{
    public object Create(DbContext context, bool designTime) =>
        (context.GetType(), context.GetService<CommentSchema>().ModelKey, designTime);
}
