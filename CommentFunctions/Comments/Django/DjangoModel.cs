using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Expiry;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Comments.Django;

/// <summary>The site's tables as its ORM makes them, and the app's own records beside them, under names that no site has.</summary>
internal static class DjangoModel
{
    /// <summary>The table of Django's users.</summary>
    public const string Users = "auth_user";

    /// <summary>What the names of the app's own tables begin with.</summary>
    public const string Prefix = "commentfunctions_";

    public static void Configure(ModelBuilder modelBuilder, DbContext context, string table, SiteTime site)
    {
        var onPostgres = context.Database.ProviderName!.Contains("Npgsql", StringComparison.Ordinal);
        SiteMoments.Map(modelBuilder, onPostgres);
        modelBuilder.Ignore<Comment>();
        modelBuilder.Ignore<User>();
        modelBuilder.Entity<DjangoUser>(user =>
        {
            user.ToTable(Users, t => t.ExcludeFromMigrations());
            user.Property(u => u.Id).HasColumnName("id");
            user.Property(u => u.UserName).HasColumnName("username").HasMaxLength(UserNames.MaxLength);
        });
        modelBuilder.Entity<DjangoComment>(comment =>
        {
            comment.ToTable(table, t => t.ExcludeFromMigrations());
            comment.Property(c => c.Id).HasColumnName("id");
            comment.Property(c => c.UserId).HasColumnName("user_id");
            comment.Property(c => c.Text).HasColumnName("text");
            var timestamp = comment.Property(c => c.Timestamp).HasColumnName("timestamp");
            _ = onPostgres
                ? timestamp.HasConversion(new DjangoInstant()).HasColumnType("timestamp with time zone")
                : timestamp.HasConversion(new DjangoText(site)).HasColumnType("datetime");
        });
        modelBuilder.Entity<ExpiryRun>().ToTable(Prefix + "expiry_runs");
        modelBuilder.Entity<ConversationTurn>().ToTable(Prefix + "conversation_turns");
        modelBuilder.Entity<DeliveredReply>().ToTable(Prefix + "delivered_replies");
    }
}
