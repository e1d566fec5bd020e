// A service on a JVM whose requests get cheaper while their code is compiled: `java Service PORT`.
//
// Each request writes lists of pets as JSON, reads them back, sorts and hashes them. How many lists that are is in the
// file `work` in the folder that it is started in.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;

public class Service {
    record Pet(long id, String name, int price, List<String> tags) {}

    static final String[] NAMES = {"doggie", "kitty", "bird", "hamster", "goldfish", "pony", "snake", "turtle"};
    static final int PETS = 24;
    static int work;

    public static void main(String[] arguments) throws IOException {
        work = Integer.parseInt(Files.readString(Path.of("work")).trim());
        HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(arguments[0])), 256);
        server.createContext("/", Service::answer);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }

    static void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        long hash = 0;
        for (int list = 0; list < work; list++) {
            hash = 31 * hash + once(list + 1);
        }
        byte[] body = ("{\"hash\":" + hash + "}").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** One list of pets, written, read back, sorted and hashed. */
    static long once(long seed) {
        List<Pet> pets = read(write(made(seed)));
        pets.sort(Comparator.comparing(Pet::price).thenComparing(Pet::name).thenComparing(Pet::id));
        long hash = 17;
        for (Pet pet : pets) {
            hash = 31 * hash + pet.hashCode();
        }
        return hash;
    }

    static List<Pet> made(long seed) {
        List<Pet> pets = new ArrayList<>();
        for (int number = 0; number < PETS; number++) {
            seed = seed * 6364136223846793005L + 1442695040888963407L;
            int chance = (int) (seed >>> 33);
            pets.add(new Pet(number, NAMES[chance & 7], chance % 1000, List.of("tag" + chance % 10, "friendly")));
        }
        return pets;
    }

    static String write(List<Pet> pets) {
        StringBuilder text = new StringBuilder();
        for (Pet pet : pets) {
            text.append("{\"id\":").append(pet.id).append(",\"name\":\"").append(pet.name);
            text.append("\",\"price\":").append(pet.price);
            text.append(",\"tags\":\"").append(String.join(",", pet.tags)).append("\"}\n");
        }
        return text.toString();
    }

    static List<Pet> read(String text) {
        List<Pet> pets = new ArrayList<>();
        for (String line : text.split("\n")) {
            pets.add(new Pet(
                    Long.parseLong(field(line, "id")),
                    field(line, "name"),
                    Integer.parseInt(field(line, "price")),
                    List.of(field(line, "tags").split(","))));
        }
        return pets;
    }

    /** The value of a key, with or without quotes. */
    static String field(String line, String key) {
        int start = line.indexOf('"' + key + "\":") + key.length() + 3;
        boolean quoted = line.charAt(start) == '"';
        int from = quoted ? start + 1 : start;
        int end = from;
        while (quoted ? line.charAt(end) != '"' : line.charAt(end) != ',' && line.charAt(end) != '}') {
            end++;
        }
        return line.substring(from, end);
    }
}
