using System.Text.RegularExpressions;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests;

/// <summary>
/// Folders are layers: none uses another that uses it, directly or through others. Read from the source, as constants leave no trace in an assembly.
/// What stands at a project's root puts it together, and may use all.
/// </summary>
public partial class LayersTests
{
    [Theory]
    [InlineData("CommentFunctions")]
    [InlineData("Functions.LocalRuntime")]
    public void No_folders_use_one_another(string project)
    {
        var uses = Uses(SourceFile.All(project));

        Assert.NotEmpty(uses);
        Assert.True(Circle(uses) is { Count: 0 }, Describe(Circle(uses)));
    }

    [Theory]
    [InlineData(0, "class Lower;")]
    [InlineData(2, "class Lower(Upper x);")]
    [InlineData(2, "static class Lower { static int X(int y) => y.Up(); }")]
    [InlineData(0, "// The Upper one\nclass Lower;")]
    [InlineData(0, "/* The\nUpper one */ class Lower;")]
    [InlineData(0, "class Lower { string x = \"the \\\" Upper one\", y = $\"the {{Upper}} {x} Upper one\", z = \"\"\" the \"Upper\" one \"\"\"; }")]
    [InlineData(2, "class Lower { char a = '\"'; string x = $\"{string.Join(\"; \", Upper.All)}\"; }")]
    [InlineData(2, "class Lower { char a = '\"'; Upper b; char c = '\"'; }")]
    public void Who_uses_whom_is_read_from_the_code_alone(int edges, string lower) => Assert.Equal(edges, Circle(Uses(
    [
        new("P", "A/A.cs", "using P.B;\nnamespace P.A;\npublic sealed class Upper(Lower x);\nstatic class Ups\n{\n    public static int Up(this int x) => x;\n}"),
        new("P", "B/B.cs", "using P.A;\nnamespace P.B;\n" + lower),
    ])).Count);

    [Fact]
    public void A_name_is_the_one_that_the_file_can_see()
    {
        var upper = new SourceFile("P", "A/A.cs", "using P.B;\nnamespace P.A;\nclass Range(Lower x);");

        Assert.Empty(Circle(Uses([upper, new("P", "B/B.cs", "namespace P.B;\nclass Lower(Range x);")])));
        Assert.NotEmpty(Circle(Uses([upper, new("P", "B/B.cs", "namespace P.B;\nclass Lower(P.A.Range x);")])));
        // What is above it needs no using.
        Assert.NotEmpty(Circle(Uses([new("P", "A/A.cs", "using P.A.B;\nnamespace P.A;\nclass Range(Lower x);"), new("P", "A/B/B.cs", "namespace P.A.B;\nclass Lower(Range x);")])));
    }

    [Fact]
    public void A_circle_through_others_is_found_and_who_only_uses_it_is_no_part_of_it()
    {
        var circle = Circle(Uses(
        [
            new("P", "A/A.cs", "using P.B;\nnamespace P.A;\nclass One(Two x);"),
            new("P", "B/B.cs", "using P.C;\nnamespace P.B;\nclass Two(Three x);"),
            new("P", "C/C.cs", "using P.A;\nnamespace P.C;\ninternal readonly record struct Three(One x);"),
            new("P", "D/D.cs", "using P.A;\nnamespace P.D;\nclass Four(One x);"),
            new("P", "Program.cs", "using P.A;\nusing P.D;\nclass All(One x, Four y);"),
        ]));

        Assert.Equal([("A", "B"), ("B", "C"), ("C", "A")], circle.Select(use => (use.From, use.To)));
    }

    /// <summary>Which folder uses which other one, and by what.</summary>
    private static List<Use> Uses(IReadOnlyList<SourceFile> files)
    {
        var declared = files.Where(file => file.Folder.Length > 0)
            .SelectMany(file => file.Declared.Select(declared => (declared.Name, file.Folder, file.Namespace, declared.IsMethod)))
            .Distinct().ToLookup(d => d.Name, d => (d.Folder, d.Namespace, d.IsMethod));
        return
        [
            .. from file in files
               where file.Folder.Length > 0
               from name in file.Named
               where declared[name].All(home => home.Folder != file.Folder)
               from home in declared[name]
               // A method of a namespace above is no more than a word that any member may have.
               where file.Imports(home.Namespace) || (!home.IsMethod && file.IsWithin(home.Namespace))
               group $"{Path.GetFileName(file.Path)} uses {name}" by (From: file.Folder, To: home.Folder) into edge
               orderby edge.Key.From, edge.Key.To
               select new Use(edge.Key.From, edge.Key.To, [.. edge.Order(StringComparer.Ordinal)]),
        ];
    }

    /// <summary>The uses by which a folder comes back to itself.</summary>
    private static List<Use> Circle(List<Use> uses)
    {
        var next = uses.ToLookup(use => use.From, use => use.To);
        return uses.FindAll(use => Reach(use.To).Contains(use.From));

        HashSet<string> Reach(string folder)
        {
            var (seen, left) = (new HashSet<string>(), new Stack<string>([folder]));
            while (left.TryPop(out var here))
            {
                foreach (var there in next[here].Where(seen.Add))
                {
                    left.Push(there);
                }
            }

            return seen;
        }
    }

    private static string Describe(List<Use> circle) =>
        "Folders that use one another:\n" + string.Join('\n', circle.Select(use => $"  {use.From} -> {use.To}: {string.Join("; ", use.By.Take(4))}"));

    private sealed record Use(string From, string To, IReadOnlyList<string> By);

    /// <summary>A file of C#.</summary>
    /// <param name="Project">Its project, whose name is the first part of its namespaces.</param>
    /// <param name="Path">Its path from the project's folder.</param>
    /// <param name="Text">What is in it.</param>
    private sealed partial record SourceFile(string Project, string Path, string Text)
    {
        // Of a text with holes, what is in the holes.
        private readonly string code = NoCode().Replace(Text, match => $"\"{string.Join(' ', match.Groups["hole"].Captures.Select(hole => hole.Value))}\"");

        public string Namespace => NamespaceLine().Match(code).Groups[1].Value;

        public string Folder => System.IO.Path.GetDirectoryName(Path)!.Replace('\\', '/');

        /// <summary>The types and extension methods that it declares, types within others aside.</summary>
        public IEnumerable<(string Name, bool IsMethod)> Declared => Declaration().Matches(code).Select(match => (match.Groups["name"].Value, match.Groups["this"].Success));

        /// <summary>The words that may be names of types and methods.</summary>
        public IEnumerable<string> Named => Word().Matches(code).Select(match => match.Value).Distinct();

        public static IReadOnlyList<SourceFile> All(string project)
        {
            var root = System.IO.Path.GetDirectoryName(Repository.File($"{project}/{project}.csproj"))!;
            return
            [
                .. from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                   let path = System.IO.Path.GetRelativePath(root, file).Replace('\\', '/')
                   where path.Split('/')[0] is not ("bin" or "obj")
                   select new SourceFile(project, path, File.ReadAllText(file)),
            ];
        }

        /// <summary>Whether it needs no using for what is in a namespace.</summary>
        public bool IsWithin(string space) => $"{Namespace}.".StartsWith($"{space}.", StringComparison.Ordinal);

        /// <summary>Whether it names a namespace. One that is not of the project may be known everywhere.</summary>
        public bool Imports(string space) => !$"{space}.".StartsWith($"{Project}.", StringComparison.Ordinal)
            || Regex.IsMatch(code, $@"^using {Regex.Escape(space)};|^using (static |\w+ = ){Regex.Escape(space)}\.|^(?!using |namespace ).*\b{Regex.Escape(space)}\.", RegexOptions.Multiline);

        [GeneratedRegex(
            """"
            //[^\n]* | /\*.*?\*/ | '(?:\\.|[^'\\\n])+'
            | \$+(?<raw>"""+)(?<hole>.*?)\k<raw> | (?<raw>"""+).*?\k<raw>
            | @?\$@?"(?:\{\{ | \{(?<hole>(?:[^{}"]|"(?:\\.|[^"\\])*"|\{[^{}]*\})*)\} | \\. | [^"\\{])*"
            | @"(?:[^"]|"")*" | "(?:\\.|[^"\\\n])*"
            """",
            RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
        private static partial Regex NoCode();

        [GeneratedRegex(
            @"^(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe)\ )*(?:class|record\ struct|record\ class|record|struct|interface|enum)\s+(?<name>\w+)
            | ^\ +(?:public|internal)\ static\ [^=;{]*?\b(?<name>\w+)(?:<[\w,\ ]+>)?\(\s*(?<this>this)\ ",
            RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
        private static partial Regex Declaration();

        [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
        private static partial Regex NamespaceLine();

        [GeneratedRegex(@"\b[A-Z]\w+")]
        private static partial Regex Word();
    }
}
