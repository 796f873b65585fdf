using System.Linq.Expressions;

namespace CommentFunctions.Comments.Stores;

/// <summary>Rows by their time.</summary>
internal static class TimeRange
{
    /// <summary>The rows whose time is <paramref name="end"/> or earlier.</summary>
    public static IQueryable<T> UpTo<T>(this IQueryable<T> rows, Expression<Func<T, DateTimeOffset>> time, DateTimeOffset end)
    {
        // The value stands in a closure, so that it becomes a parameter of the statement and the plan is made once.
        Expression<Func<DateTimeOffset>> value = () => end;
        return rows.Where(Expression.Lambda<Func<T, bool>>(Expression.LessThanOrEqual(time.Body, value.Body), time.Parameters));
    }
}
