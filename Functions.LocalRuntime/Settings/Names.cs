namespace Functions.LocalRuntime.Settings;

/// <summary>What somebody meant who mistyped a name.</summary>
public static class Names
{
    /// <summary>The name that takes the fewest changes to become; null where there are none.</summary>
    public static string? Nearest(string name, IEnumerable<string> names) => names.MinBy(other => Distance(name, other));

    /// <summary>The nearest name, where it takes one change in six letters at the most: what is hardly meant for anything else; null otherwise.</summary>
    public static string? Near(string name, IEnumerable<string> names)
    {
        var most = name.Length / 6;
        return Nearest(name, names.Where(other => Math.Abs(other.Length - name.Length) <= most)) is { } nearest && Distance(name, nearest) <= most
            ? nearest
            : null;
    }

    // How many letters to add, to leave out or to change make one of the other.
    private static int Distance(string left, string right)
    {
        var (from, to) = (left.ToUpperInvariant(), right.ToUpperInvariant());
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
